/** Makes a thing of each text once and keeps it: for texts of which templates and policies hold few. */
export function once<T>(make: (name: string) => T): (name: string) => T {
  const made = new Map<string, T>();
  return (name) => made.get(name) ?? made.set(name, make(name)).get(name)!;
}
