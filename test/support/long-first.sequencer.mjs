import Sequencer from '@jest/test-sequencer';

/** What takes long, longest first: alone at the end it would keep one core waiting. */
const LONG = [
  'test/e2e-instances/redis-faults',
  'test/consistency/harness',
  'test/cases/over-redis',
  'test/cases/in-memory',
  'test/e2e-instances/',
  'test/cases/',
  'test/consistency/',
];

/** On a fresh machine Jest knows nothing of how long a file took, and goes by its size, which says little. */
export default class LongFirst extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => {
      const index = LONG.findIndex((part) => path.replaceAll('\\', '/').includes(part));
      return index < 0 ? LONG.length : index;
    };

    return super.sort(tests).sort((a, b) => rank(a) - rank(b));
  }
}
