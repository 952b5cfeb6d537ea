import type { Server } from 'node:http';
import { type INestApplication, ValidationPipe } from '@nestjs/common';
import { StoreTroubleFilter } from './store-trouble.filter.js';

/**
 * Longer than clients and load balancers keep a connection that nobody uses (60 s in most): who closes first must be the one
 * that sends, or now and then a request meets a connection that is just being closed.
 */
const IDLE_CONNECTION_MS = 65_000;

/** What every copy of the shop has in common, whoever starts it: the server, the demo, the tests. */
export function configure<Application extends INestApplication>(app: Application): Application {
  app.useGlobalPipes(new ValidationPipe({ transform: true, whitelist: true, forbidNonWhitelisted: true }));
  app.useGlobalFilters(new StoreTroubleFilter());
  app.enableShutdownHooks();
  (app.getHttpServer() as Server).keepAliveTimeout = IDLE_CONNECTION_MS;

  return app;
}

/** Listens on `PORT`, or on a port that is free, and prints where. */
export async function serve(app: INestApplication): Promise<void> {
  await configure(app).listen(process.env.PORT ?? 0, '127.0.0.1');
  console.log(`The shop is open at ${await app.getUrl()}`);
}
