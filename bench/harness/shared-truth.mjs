/** What two threads know together: the version of each key at the origin, and when each of them was acknowledged. */
const FIRST_SKU = 10_000;

export class SharedTruth {
  static ofSize(keys, versionsOfEach) {
    const versions = new SharedArrayBuffer(keys * Int32Array.BYTES_PER_ELEMENT);
    const acknowledged = new SharedArrayBuffer(keys * (versionsOfEach + 2) * Float64Array.BYTES_PER_ELEMENT);

    return new SharedTruth({ versions, acknowledged });
  }

  constructor(buffers) {
    this.buffers = buffers;
    this.versions = new Int32Array(buffers.versions);
    this.acknowledgedAt = new Float64Array(buffers.acknowledged);
    this.versionsOfEach = this.acknowledgedAt.length / this.versions.length;
  }

  skuOf(key) {
    return `sku-${FIRST_SKU + key}`;
  }

  versionOf(sku) {
    return Atomics.load(this.versions, keyOf(sku));
  }

  commit(sku) {
    Atomics.add(this.versions, keyOf(sku), 1);
  }

  /** Called by the writer when its write has returned. */
  acknowledge(sku) {
    this.acknowledgedAt[this.placeOf(keyOf(sku), this.versionOf(sku))] = millisecondsNow();
  }

  placeOf(key, version) {
    return key * this.versionsOfEach + version;
  }
}

/** A clock that all threads and processes of a machine share, and that nobody sets. */
export function millisecondsNow() {
  return Number(process.hrtime.bigint()) / 1e6;
}

function keyOf(sku) {
  return Number(sku.slice('sku-'.length)) - FIRST_SKU;
}
