import { test } from 'vitest';
import { checkRandomHistories } from '../helpers/random-history.ts';

test('every resolution tells the same as the samples, in whatever order they came and whoever wrote them', () =>
  checkRandomHistories(600));
