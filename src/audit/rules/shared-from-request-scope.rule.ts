import type { AuditRule } from '../audit-rule.js';

/** A provider that is made anew for each request holds that request's data; what it answers is seldom everybody's. */
export const sharedFromRequestScope: AuditRule = ({ methods }) =>
  methods
    .filter(({ requestScoped }) => requestScoped)
    .flatMap(({ plan }) => plan.cached ?? [])
    .filter(({ scope, requestIndependent }) => scope === 'shared' && requestIndependent === undefined)
    .map(({ place }) => ({
      fault: 'shared-from-request-scope' as const,
      place,
      what: "its provider is made anew for each request, but scope 'shared' gives one request's result to all others",
      fix: "Declare scope: 'user' or 'tenant', or say in requestIndependent: '…' why the result does not depend on the request",
    }));
