/** Makes each thing once and keeps it: for names of which there are as many as a template has. */
export function once<T>(make: (name: string) => T): (name: string) => T {
  const made = new Map<string, T>();
  return (name) => made.get(name) ?? made.set(name, make(name)).get(name)!;
}
