/** `count` addresses of this machine, 127.0.1.1 first: as many distinct "hosts". At most 200. */
export function loopbackHosts(count: number): string[] {
  if (count > 200) throw new RangeError('at most 200 loopback hosts');
  return Array.from({ length: count }, (_, index) => `127.0.1.${index + 1}`);
}
