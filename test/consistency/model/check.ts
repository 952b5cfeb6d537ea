import { explore, type Exploration } from './explore.js';
import { boundedSystem } from './timed/bounded.js';
import { sessionSystem } from './timed/session.js';
import { versionedSystem } from './versioned/system.js';
import type { Configuration } from './configuration.js';
import type { ConfigurationReport } from './report.js';

/** Explores the world of a configuration to its end, or to the first violation. */
export function check(configuration: Configuration): ConfigurationReport {
  const { name, level, guardsRemoved, expected } = configuration;
  const exploration = explored(configuration);
  const { outcome, states } = exploration;
  const found = { name, level, guardsRemoved, expected, outcome, states };

  return exploration.outcome === 'holds' ? found : { ...found, trace: [...exploration.trace, exploration.violation] };
}

function explored({ world }: Configuration): Exploration {
  switch (world.protocol) {
    case 'versioned':
      return explore(versionedSystem(world.setup));
    case 'session':
      return explore(sessionSystem(world.setup));
    case 'bounded':
      return explore(boundedSystem(world.setup));
  }
}
