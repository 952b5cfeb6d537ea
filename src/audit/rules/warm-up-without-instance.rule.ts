import type { AuditRule } from '../audit-rule.js';

/** What is loaded before anybody asks has no request, and so nobody to make the provider for. */
export const warmUpWithoutInstance: AuditRule = ({ methods }) =>
  methods
    .filter(({ requestScoped }) => requestScoped)
    .flatMap(({ plan }) => plan.cached ?? [])
    .filter(({ warmUp }) => warmUp !== undefined)
    .map(({ place }) => ({
      fault: 'contradiction' as const,
      place,
      what: 'it is to be warmed up at the start, but its provider is made anew for each request',
      fix: 'Move the method to a provider that is made once, or remove warmUp',
    }));
