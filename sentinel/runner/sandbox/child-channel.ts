import type { Duplex } from 'node:stream';
import { LineTooLong, lineCutter } from '../child/lines.ts';
import { FromChild, type ToChild } from '../messages.ts';
import { writeTogether } from '../write-together.ts';

/** What a child did that no script has reason to do. */
export class ChannelFault extends Error {
  readonly code: 'SCRIPT_ERROR' | 'SCRIPT_LIMIT';
  constructor(code: ChannelFault['code'], message: string) {
    super(message);
    this.code = code;
  }
}

export interface ChildChannel {
  /** Sends a message; one that the child doesn't take up in time ends the reading of `messages` with a fault. */
  send(message: ToChild): void;
  /** The child's messages until it closes the pipe. The next one is read when the last has been dealt with. */
  messages(): AsyncGenerator<FromChild>;
  /** Tells the child that there is nothing more for it, by which it ends. */
  close(): void;
}

/** The longest message a child may send: a file for a page to upload is the largest. */
const mostMessageBytes = 64 * 1024 * 1024;
/** What may wait to be read by the child, such as events of a page that the script doesn't attend to. */
const mostUnreadBytes = 64 * 1024 * 1024;

/** The sentinel's end of the pipe to a child: JSON, a message a line. */
export function childChannel(pipe: Duplex): ChildChannel {
  let deaf: ChannelFault | undefined;
  pipe.on('error', () => {}); // the child is gone; its exit tells why

  return {
    send(message) {
      if (pipe.destroyed || deaf) return;
      writeTogether(pipe, `${JSON.stringify(message)}\n`);
      if (pipe.writableLength <= mostUnreadBytes) return;
      deaf = new ChannelFault('SCRIPT_LIMIT', 'The script did not attend to what its pages told it.');
      pipe.destroy(deaf);
    },

    close: () => void pipe.destroy(),

    async *messages() {
      const cut = lineCutter(mostMessageBytes);
      try {
        for await (const chunk of pipe) for (const line of cut(chunk as Buffer)) yield parsed(line);
      } catch (error) {
        if (error instanceof LineTooLong) throw new ChannelFault('SCRIPT_LIMIT', `The script sent ${error.message}.`);
        if (error instanceof ChannelFault) throw error;
      }
      if (deaf) throw deaf;
    },
  };
}

function parsed(line: string): FromChild {
  try {
    return FromChild.parse(JSON.parse(line));
  } catch {
    throw new ChannelFault('SCRIPT_ERROR', 'The script spoke to the sentinel in a way it must not.');
  }
}
