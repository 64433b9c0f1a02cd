import { InvalidArgumentError } from 'commander';

export function integerOption(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new InvalidArgumentError('Give a whole number above 0.');
}

export function secondsOption(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError('Give seconds, 0 for no limit.');
}

export const collect = (text: string, earlier: string[] | undefined): string[] => [...(earlier ?? []), text];
