import { type INestApplication, ValidationPipe } from '@nestjs/common';
import { StoreTroubleFilter } from './store-trouble.filter.js';

/** What every copy of the shop has in common, whoever starts it: the server, the demo, the tests. */
export function configure<Application extends INestApplication>(app: Application): Application {
  app.useGlobalPipes(new ValidationPipe({ transform: true, whitelist: true, forbidNonWhitelisted: true }));
  app.useGlobalFilters(new StoreTroubleFilter());
  app.enableShutdownHooks();

  return app;
}

/** Listens on `PORT`, or on a port that is free, and prints where. */
export async function serve(app: INestApplication): Promise<void> {
  await configure(app).listen(process.env.PORT ?? 0, '127.0.0.1');
  console.log(`The shop is open at ${await app.getUrl()}`);
}
