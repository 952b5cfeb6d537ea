/**
 * Asks a reader what happens to the cache when a caller changes what it was given. Tried, not read in a manual.
 *
 * @returns {Promise<'frozen' | 'copied' | 'shared after a miss' | 'shared'>}
 *   frozen: the change throws. copied: it stays with the caller who made it. shared: the next caller sees it;
 *   "after a miss" when only the caller who caused the load holds the cached object.
 */
export async function protectionOf(read, sku) {
  const afterMiss = await changeAndLook(read, sku, 'changed after the miss');
  const afterHit = await changeAndLook(read, sku, 'changed after a hit');

  if (afterHit === 'shared') return 'shared';
  return afterMiss === 'shared' ? 'shared after a miss' : afterHit;
}

async function changeAndLook(read, sku, colour) {
  const product = await read(sku);
  try {
    product.variants[0].colour.name = colour;
  } catch {
    // Modules are strict: writing to a frozen object throws a TypeError.
    return 'frozen';
  }

  return (await read(sku)).variants[0].colour.name === colour ? 'shared' : 'copied';
}
