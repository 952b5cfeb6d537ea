/** Up to here V8 keeps the properties of an object within it, when it knows from the constructor how many there will be. */
const MOST_IN_OBJECT = 64;

type Maker = new () => Record<string, unknown>;

const MAKERS: Maker[] = [];

/**
 * An ordinary empty object that will get `count` properties.
 *
 * V8 sizes an object by its constructor: `{}` has room for four properties and takes a second allocation for more, and for
 * an entry of 0.9 kB that made 270 bytes. So there is one constructor for each number of properties. All of them have
 * Object's own prototype: what they make is as plain as `{}`.
 */
export function plainObjectOf(count: number): Record<string, unknown> {
  if (count > MOST_IN_OBJECT) return {};

  return new (MAKERS[count] ??= newMaker())();
}

function newMaker(): Maker {
  function PlainObject(): void {
    // Its instances get their properties from whoever asked for them.
  }
  PlainObject.prototype = Object.prototype;

  return PlainObject as unknown as Maker;
}
