// Loads one bundle in a process that has loaded nothing else, calls its handler once, and prints what that took.
const [, , file, event] = process.argv;
const cpu = process.cpuUsage();
const started = performance.now();
const { handler } = require(file);
const initMs = performance.now() - started;
const { user, system } = process.cpuUsage(cpu);
const afterInit = process.memoryUsage.rss();
const measure = () => {
  const afterCall = process.memoryUsage.rss();
  process.stdout.write(
    `\n${JSON.stringify({ initMs, cpuMs: (user + system) / 1_000, afterInit, afterCall })}\n`,
    () => process.exit(0),
  );
};
// Every answer is an error, so the first call ends with one.
handler(JSON.parse(event)).then(measure, measure);
