/** What a call may do to the world: look, change, or change what cannot simply be changed back. */
export type Effect = 'read' | 'write' | 'destroy';

/** A fixed effect, or one that depends on the arguments, never above `max`. */
export type EffectOf<Input> = Effect | { max: Effect; of(input: Input): Effect };

export function maxEffect<Input>(effect: EffectOf<Input>): Effect {
  return typeof effect === 'string' ? effect : effect.max;
}

export function effectOf<Input>(effect: EffectOf<Input>, input: Input): Effect {
  return typeof effect === 'string' ? effect : effect.of(input);
}
