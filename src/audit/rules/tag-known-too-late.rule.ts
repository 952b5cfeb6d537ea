import type { AuditRule } from '../audit-rule.js';

/** A linearizable write is announced before it commits, so a tag that only its result tells comes too late. */
export const tagKnownTooLate: AuditRule = ({ methods, policies }) => {
  const linearizable = policies.filter(({ consistency }) => consistency === 'linearizable');

  return methods.flatMap(({ plan }) =>
    plan.evictions.flatMap(({ place, tagsOfResult }) =>
      tagsOfResult.flatMap(({ family }) =>
        linearizable
          .filter(({ tags }) => tags.some((each) => each.family === family))
          .map((policy) => ({
            fault: 'tag-known-too-late' as const,
            place,
            what: `'${family}' is computed from the result, but ${policy.name} is linearizable: its writes are announced before they commit`,
            fix: `Compute it from the arguments (tags: { ${family}: … }), or evict the whole family`,
          })),
      ),
    ),
  );
};
