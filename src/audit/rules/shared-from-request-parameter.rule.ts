import type { AuditRule } from '../audit-rule.js';

/** What a handler takes from the request, beyond what its route says, is seldom the same for everybody. */
export const sharedFromRequestParameter: AuditRule = ({ methods }) =>
  methods.flatMap(({ plan: { cached }, requestParameters }) => {
    if (cached?.scope !== 'shared' || cached.requestIndependent !== undefined || requestParameters.length === 0)
      return [];

    return [
      {
        fault: 'shared-from-request-parameter' as const,
        place: cached.place,
        what: `it takes ${requestParameters.join(' and ')}, but scope 'shared' gives one caller's result to all others`,
        fix: "Declare scope: 'user' or 'tenant', or say in requestIndependent: '…' why the result does not depend on the caller",
      },
    ];
  });
