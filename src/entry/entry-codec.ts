import { stringify, unflatten } from 'devalue';
import { bytesFromText, bytesKindOf, bytesToText, type Bytes } from './bytes.js';
import type { CacheEntry } from './cache-entry.js';
import { UnstorableValueError } from './entry.errors.js';
import { sealDecoded, sealParsed, type SealedValue } from './sealed-value.js';
import type { ResolvedCodec } from './value-codec.js';
import type { VersionSnapshot } from './version-snapshot.js';

/**
 * The number of the stored form. Text with another one is absent to us, as ours is to another release.
 *
 * Raise it with every change of what {@link encodeEntry} writes, and with every new major version of devalue, which
 * promises to read its own output only within one.
 */
const FORMAT = 'ncc1';
const BEGINNING = `["${FORMAT}",`;

/** How the value is written: as plain JSON, or flattened by devalue for what JSON cannot say. */
const PLAIN = 0;
const RICH = 1;

/** JSON turns NaN and Infinity into the same null; only one of them may mean "never". */
const NEVER = 'never';

/** Positions in the stored array. */
const FIELDS = 13;

/**
 * The text under which a store keeps an entry: a JSON array, so that one `JSON.parse` reads all of it.
 *
 * @throws {UnstorableValueError} when a codec's `encode` throws or returns what cannot be stored
 */
export function encodeEntry(entry: CacheEntry, codecs: readonly ResolvedCodec[]): string {
  const { value, json } = entry.sealed;
  if (json) return JSON.stringify([...headerOf(entry, PLAIN), value]);

  return `${JSON.stringify(headerOf(entry, RICH)).slice(0, -1)},${flatten(value, codecs)}]`;
}

/**
 * The entry that a text holds; undefined when it is not one that this release wrote whole.
 *
 * A store can hold anything: another release's entries, another program's, half of one, or what an attacker put there.
 * To a reader all of that is a miss.
 */
export function decodeEntry(text: unknown, codecs: readonly ResolvedCodec[]): CacheEntry | undefined {
  if (typeof text !== 'string' || !text.startsWith(BEGINNING)) return undefined;
  try {
    const fields: unknown = JSON.parse(text);

    return Array.isArray(fields) && fields.length === FIELDS ? entryOf(fields, codecs) : undefined;
  } catch {
    // JSON.parse, devalue and the codecs of the application throw what they like about a text that is not ours;
    // undefined is the answer whichever it was.
    return undefined;
  }
}

function headerOf(entry: CacheEntry, form: number): unknown[] {
  return [
    FORMAT,
    form,
    entry.key,
    entry.subject ?? null,
    entry.nonce,
    entry.loadStartMs,
    entry.loadEndMs,
    entry.asOfMs,
    entry.freshUntilMs === Infinity ? NEVER : entry.freshUntilMs,
    entry.deadlineMs === Infinity ? NEVER : entry.deadlineMs,
    entry.snapshot.tags,
    entry.snapshot.versions,
  ];
}

function entryOf(fields: readonly unknown[], codecs: readonly ResolvedCodec[]): CacheEntry | undefined {
  const [, form, key, subject, nonce, loadStartMs, loadEndMs, asOfMs] = fields;
  if (typeof key !== 'string' || typeof nonce !== 'string') return undefined;
  if (subject !== null && typeof subject !== 'string') return undefined;
  if (!isMoment(loadStartMs) || !isMoment(loadEndMs) || !isMoment(asOfMs)) return undefined;

  const freshUntilMs = limitOf(fields[8]);
  const deadlineMs = limitOf(fields[9]);
  const snapshot = snapshotOf(fields[10], fields[11]);
  if (freshUntilMs === undefined || deadlineMs === undefined || snapshot === undefined) return undefined;

  const sealed = sealedOf(form, fields[12], codecs);
  if (sealed === undefined) return undefined;

  return {
    key,
    subject: subject ?? undefined,
    nonce,
    loadStartMs,
    loadEndMs,
    asOfMs,
    freshUntilMs,
    deadlineMs,
    snapshot,
    sealed,
  };
}

/** `1e999` is valid JSON, and Infinity to JSON.parse. */
function isMoment(field: unknown): field is number {
  return typeof field === 'number' && Number.isFinite(field);
}

function limitOf(field: unknown): number | undefined {
  if (field === NEVER) return Infinity;

  return isMoment(field) ? field : undefined;
}

function snapshotOf(tags: unknown, versions: unknown): VersionSnapshot | undefined {
  return isTexts(tags) && isTexts(versions) && tags.length === versions.length ? { tags, versions } : undefined;
}

function isTexts(field: unknown): field is string[] {
  return Array.isArray(field) && field.every((each) => typeof each === 'string');
}

function sealedOf(form: unknown, field: unknown, codecs: readonly ResolvedCodec[]): SealedValue | undefined {
  if (form === PLAIN) return sealParsed(field);
  if (form !== RICH) return undefined;
  if (typeof field !== 'number' && !Array.isArray(field)) return undefined;

  // An entry of ours holds no object twice, so it has no more objects than its flattened form has elements.
  const maxObjects = typeof field === 'number' ? 0 : field.length;

  return sealDecoded(unflatten(field, translationOf(codecs).revivers), codecs, maxObjects);
}

function flatten(value: unknown, codecs: readonly ResolvedCodec[]): string {
  try {
    return stringify(value, translationOf(codecs).reducers);
  } catch {
    // devalue's error carries the value itself, so it must not travel on as a cause.
    throw new UnstorableValueError({ kind: 'something that its codec cannot encode', path: '' });
  }
}

/** Codecs in devalue's terms. A reducer's result counts only when truthy, a reviver finds it by the same name. */
interface Translation {
  readonly reducers: Record<string, (value: unknown) => unknown>;
  readonly revivers: Record<string, (stored: unknown) => unknown>;
}

const translations = new WeakMap<readonly ResolvedCodec[], Translation>();

function translationOf(codecs: readonly ResolvedCodec[]): Translation {
  const known = translations.get(codecs);
  if (known !== undefined) return known;

  const translation: Translation = { reducers: { bytes: reduceBytes }, revivers: { bytes: reviveBytes } };
  for (const codec of codecs) {
    const name = `codec ${codec.name}`;
    // devalue puts a reducer's name between quotes as it is.
    translation.reducers[JSON.stringify(name).slice(1, -1)] = (value) => reduceInstance(value, codec);
    translation.revivers[name] = (stored) => reviveInstance(stored, codec);
  }
  translations.set(codecs, translation);

  return translation;
}

/** devalue knows typed arrays, but not Buffer, and reads them element by element. */
function reduceBytes(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const kind = bytesKindOf(value);

  return kind === undefined ? undefined : `${kind}:${bytesToText(value as Bytes)}`;
}

function reviveBytes(stored: unknown): Bytes {
  if (typeof stored !== 'string') throw new TypeError('not the text of bytes');
  const colon = stored.indexOf(':');

  return bytesFromText(stored.slice(0, colon), stored.slice(colon + 1));
}

function reduceInstance(value: unknown, codec: ResolvedCodec): unknown {
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== codec.prototype) return undefined;

  return codec.form === 'properties' ? { ...value } : [codec.encode(value)];
}

function reviveInstance(stored: unknown, codec: ResolvedCodec): unknown {
  if (typeof stored !== 'object' || stored === null) throw new TypeError('not the stored form of an instance');
  if (codec.form === 'encoded') return codec.decode((stored as readonly unknown[])[0]);

  // Not Object.assign onto an instance, which would run the setters of the class.
  return Object.setPrototypeOf({ ...stored }, codec.prototype) as object;
}
