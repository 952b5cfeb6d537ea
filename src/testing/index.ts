// The door "nestjs-consistent-cache/testing": for the tests of applications, and for our own.
export { EventStory } from './event-story.js';
export { ManualClock } from './manual-clock.js';
