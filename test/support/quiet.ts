/** Keeps the log lines of steps that run in this process out of a test's output. */
export function quietSteps(): void {
  beforeAll(() => void jest.spyOn(console, 'log').mockImplementation(() => undefined));
  afterAll(() => jest.restoreAllMocks());
}
