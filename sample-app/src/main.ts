import 'reflect-metadata';
import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';
import { serve } from './serve.js';

Logger.overrideLogger(['warn', 'error']);
await serve(await NestFactory.create(AppModule));
