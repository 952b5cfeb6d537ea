import { openInstance, type Duties } from './instance.js';
import type { AnswerMessage, InstanceSettings, RequestMessage } from './instance-requests.js';

/*
 * The process of one instance: it is given its settings on the command line, and told what to do by its parent, with which it
 * ends. What nobody catches ends it as well, and its parent makes a fault of that.
 */

const [, , settings = '{}'] = process.argv;
const duties = await openInstance(JSON.parse(settings) as InstanceSettings);

process.on('message', (message) => {
  const { call, name, asked } = message as RequestMessage;
  void perform(duties, name, asked).then((answer) => {
    tell({ call, ...answer });
  });
});
process.on('disconnect', () => process.exit());
tell({ call: 0 });

async function perform(
  all: Duties,
  name: RequestMessage['name'],
  asked: unknown,
): Promise<Omit<AnswerMessage, 'call'>> {
  try {
    return { answer: await (all[name] as (asked: unknown) => unknown)(asked) };
  } catch (error) {
    return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

function tell(message: AnswerMessage): void {
  process.send?.(message);
}
