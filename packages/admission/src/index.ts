export type { Head } from './audit/chain.ts';
export { type AuditLog, type AuditOptions, createAudit } from './audit/create-audit.ts';
export { auditPart } from './audit/schema.ts';
export type { Verification } from './audit/verify.ts';
export { createCommandRule, createGate } from './gate/create-gate.ts';
export type { GateOptions, HostGuard, Policy } from './gate/options.ts';
