import { afterEach, expect, it } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { AuditFailedError } from 'nestjs-consistent-cache';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Server } from 'node:http';
import request from 'supertest';
import { AppModule } from './quick-start/app.module.js';
import { WrongModule } from './refusal.js';

let app: INestApplication<Server>;

afterEach(async () => {
  await app.close();
});

it('answers the second read from the cache, and the first after a change from the origin', async () => {
  app = (await Test.createTestingModule({ imports: [AppModule] }).compile()).createNestApplication();
  await app.init();
  const read = () => request(app.getHttpServer()).get('/prices/mug');

  expect((await read()).headers['cache-status']).toBe(
    'nestjs-consistent-cache; fwd=miss; detail="PricesService.priceOf"',
  );
  const again = await read();
  expect(again.headers['cache-status']).toMatch(
    /^nestjs-consistent-cache; hit; ttl=4; detail="PricesService.priceOf"$/,
  );
  expect(again.headers.age).toBe('0');

  await request(app.getHttpServer()).put('/prices/mug/950').expect(200);
  expect((await read()).body).toEqual({ sku: 'mug', cents: 950 });
});

it('refuses to start with the words that the README shows', async () => {
  app = (await Test.createTestingModule({ imports: [WrongModule] }).compile()).createNestApplication();
  const error: unknown = await app.init().catch((reason: unknown) => reason);

  expect(error).toBeInstanceOf(AuditFailedError);
  const { name, message } = error as AuditFailedError;
  expect(readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8')).toContain(`${name}: ${message}`);
});
