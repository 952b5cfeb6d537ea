// These suites run on the embedded database whatever the shell says; the ones on a server come from DATABASE_URL too,
// but each in a database of its own (postgres-environment.ts).
delete process.env.DATABASE_URL;
