/*
 * The page of evidence, from the reports of `npm run verify`. It says what was looked for, how often, and what was found; that
 * nothing was found in n tries says that at most 3/n of them are wrong, with 95 % confidence (the rule of three).
 */

const PREFACE = `<!-- generated: npm run verify -->

# Evidence

Nobody should believe a consistency claim without it. \`npm run verify\` produced these figures; each section says at which commit, and
how to repeat it alone.

- **Model**: every order of the steps of small worlds of the protocol, with every fault that they allow.
- **Schedules**: the real code, of which every step waits for its turn; all orders of a few operations, or many drawn by chance.
- **Mutants**: the real code with one guard switched off. What the schedules do not find out would be dead code, or an untested promise.
- **Harness**: real processes of a real application over a real Redis and PostgreSQL, while things go wrong. Each operation is judged
  from outside, by one clock, and by what the database has committed.
- **Peers**: other libraries under the same load, by the promise of \`strong\`, so that a reader sees what the numbers mean.`;

export function evidencePage({ model, schedules, mutants, harness, peers }) {
  const sections = [
    harness && harnessSection(harness),
    peers && peersSection(peers),
    model && modelSection(model),
    schedules && schedulesSection(schedules),
    mutants && mutantsSection(mutants),
  ];

  return `${[PREFACE, ...sections.filter((each) => each !== undefined)].join('\n\n')}\n`;
}

function harnessSection({ reports: [report], ...place }) {
  const { faults, notCovered, operations, seconds, seed, instances } = report;
  const names = faults[0].levels.map(({ level }) => level);
  const byLevel = names.map((name) => {
    const all = faults
      .map(({ levels }) => levels.find(({ level }) => level === name))
      .filter((each) => each !== undefined);
    const reads = sum(all, 'reads');
    const violations = sum(all, 'violationCount');
    const bound = all.find(({ stalenessMs }) => stalenessMs.bound !== undefined)?.stalenessMs.bound;

    return [
      name,
      count(reads),
      violations,
      violations === 0 ? upperBound(reads) : '–',
      percent(sum(all, 'hits'), reads),
      count(sum(all, 'writes')),
      count(sum(all, 'refusedWrites')),
      count(sum(all, 'failedReads')),
      `${ms(Math.max(...all.map(({ stalenessMs }) => stalenessMs.p99)))} / ${ms(Math.max(...all.map(({ stalenessMs }) => stalenessMs.max)))}`,
      bound === undefined ? '–' : ms(bound),
    ];
  });
  const byFault = faults.map(({ fault, levels, times, convergedMs, crashes, seconds: took }) => [
    fault,
    `${Math.round(took)} s`,
    times,
    count(sum(levels, 'reads')),
    sum(levels, 'violationCount'),
    percent(sum(levels, 'hits'), sum(levels, 'reads')),
    sum(levels, 'refusedWrites'),
    sum(levels, 'failedReads'),
    ms(Math.max(...levels.map(({ slowestReadMs }) => slowestReadMs))),
    ms(convergedMs),
    crashes.length,
  ]);
  const checked = sum(
    faults.flatMap(({ levels }) => levels),
    'reads',
  );

  return [
    '## Harness',
    `${count(checked)} reads checked of ${count(operations)} operations of ${instances} instances, in ${Math.round(seconds)} s. ${placeOf(place)}, seed ${seed}. Repeat: \`npm run verify -- --parts harness --seed ${seed}\`.`,
    'By level, over all faults. Staleness is how long what was read had been superseded by an acknowledged write when the read began; the 99th percentile is that of the worst fault.',
    table(
      [
        'cache',
        'reads',
        'violations',
        'at most (95 %)',
        'hits',
        'writes',
        'refused',
        'failed reads',
        'stale p99 / max',
        'bound',
      ],
      byLevel,
    ),
    'By fault, over all levels.',
    table(
      [
        'fault',
        'for',
        'times',
        'reads',
        'violations',
        'hits',
        'refused writes',
        'failed reads',
        'slowest read',
        'converged in',
        'crashes',
      ],
      byFault,
    ),
    '**Not made to happen**, and nothing is promised for it:',
    Object.entries(notCovered)
      .map(([name, because]) => `- **${name}**: ${because}`)
      .join('\n'),
  ].join('\n\n');
}

function peersSection({ reports, ...place }) {
  const faults = reports[0].faults.map(({ fault }) => fault);
  const rows = reports.map(({ peer, faults: acts }) => [
    peer ?? 'this library',
    ...acts.map(({ levels, crashes }) => {
      const [level] = levels;
      const crashed = crashes.length === 0 ? '' : `, ${crashes.length} crashed`;
      return `${count(level.staleReads)} of ${count(level.reads)} (${level.stalePercent.toFixed(1)} %)${crashed}`;
    }),
  ]);

  return [
    '## Peers',
    `Reads that began after a newer value was acknowledged, in the configuration that each library documents as its best for several instances. ${placeOf(place)}. Repeat: \`npm run verify -- --parts peers\`.`,
    table(['library', ...faults], rows),
  ].join('\n\n');
}

function modelSection({ reports, ...place }) {
  const configurations = reports.flatMap((report) => report.configurations);
  const states = sum(reports, 'states');
  const seconds = sum(reports, 'seconds');
  const broken = configurations.filter(({ expected }) => expected === 'fails');
  const kept = configurations.filter(({ expected }) => expected === 'holds');
  const wrong = configurations.filter(({ expected, outcome }) => expected !== outcome);
  const largest = [...kept].sort((a, b) => b.states - a.states).slice(0, 12);

  return [
    '## Model',
    `${count(states)} states of ${configurations.length} configurations in ${Math.round(seconds)} s: ${kept.length} with every guard, ${broken.length} with one left out. ${wrong.length === 0 ? 'Every one came out as it should.' : `Not as it should: ${wrong.map(({ name }) => name).join('; ')}.`} ${placeOf(place)}. Repeat: \`npm run verify -- --parts model\`.`,
    'The largest worlds with every guard:',
    table(
      ['configuration', 'level', 'states', 'outcome'],
      largest.map(({ name, level, states: own, outcome }) => [name, level, count(own), outcome]),
    ),
    ...(broken.length === 0
      ? []
      : [
          'What is found when a guard is left out:',
          table(
            ['left out', 'configuration', 'outcome', 'steps to the violation'],
            broken.map(({ guardsRemoved, name, outcome, trace }) => [
              guardsRemoved.join(', '),
              name,
              outcome,
              trace === undefined ? '–' : trace.length - 1,
            ]),
          ),
        ]),
  ].join('\n\n');
}

function schedulesSection({ reports: [report], ...place }) {
  const { schedules, seconds, seed, plays } = report;
  const levels = [...new Set(plays.map(({ level }) => level))].map((level) => {
    const own = plays.filter((each) => each.level === level);

    return [
      level,
      own.length,
      count(sum(own, 'schedules')),
      own.filter(({ exhaustive }) => exhaustive).length,
      own.reduce((all, { violations }) => all + violations.length, 0),
    ];
  });

  return [
    '## Schedules',
    `${count(schedules)} schedules of ${plays.length} cases in ${Math.round(seconds)} s. ${placeOf(place)}, seed ${seed}. Repeat: \`npm run verify -- --parts schedules --seed ${seed}\`.`,
    table(['level', 'cases', 'schedules', 'cases of which every order was run', 'violations'], levels),
  ].join('\n\n');
}

function mutantsSection({ reports: [report], ...place }) {
  const { mutants } = report;
  const survivors = mutants.filter(({ killed }) => !killed);

  return [
    '## Mutants',
    `${mutants.length - survivors.length} of ${mutants.length} killed${survivors.length === 0 ? '' : `; alive: ${survivors.map(({ name }) => name).join(', ')}`}. ${placeOf(place)}. Repeat: \`npm run verify -- --parts mutants\`.`,
    table(
      ['mutant', 'the guard that it lacks', 'found out'],
      mutants.map(({ name, guard, killed }) => [name, guard, killed ? 'yes' : '**no**']),
    ),
  ].join('\n\n');
}

function placeOf({ commit, isClean, date, machine }) {
  return `Commit ${commit}${isClean ? '' : ' and changes to it'}, ${date}, ${machine}`;
}

function table(head, rows) {
  const line = (cells) => `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`;

  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function sum(list, key) {
  return list.reduce((all, each) => all + each[key], 0);
}

function count(number) {
  return number.toLocaleString('en-US');
}

function percent(part, whole) {
  return whole === 0 ? '–' : `${Math.round((100 * part) / whole)} %`;
}

function upperBound(tries) {
  return tries === 0 ? '–' : `${((3 / tries) * 1e6).toPrecision(2)} in a million`;
}

function ms(value) {
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
}
