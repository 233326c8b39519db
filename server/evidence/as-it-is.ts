import { isUtf8 } from 'node:buffer';
import { maxAriaBytes, maxEvidenceBytes } from '../../sentinel/protocol/messages.ts';

interface Form {
  /** Told to browsers, whatever the sentinel called it. */
  mediaType: string;
  /** Name of the file for those who download it. */
  fileName: string;
  maxBytes: number;
  fits(content: Buffer): boolean;
  /** What it must be, as the end of "it is not …". */
  wanted: string;
}

/**
 * Evidence that is kept as it came: to draw it anew there is nothing. It is never shown as a page of ours: browsers get
 * it as a download, of a type that runs nothing.
 */
export const keptAsItIs: Readonly<Record<string, Form>> = {
  aria: {
    mediaType: 'text/plain; charset=utf-8',
    fileName: 'aria.yaml',
    maxBytes: maxAriaBytes,
    fits: (content) => isUtf8(content) && !content.includes(0),
    wanted: `text in UTF-8 of at most ${maxAriaBytes / 1024} KiB`,
  },
  trace: {
    mediaType: 'application/zip',
    fileName: 'trace.zip',
    maxBytes: maxEvidenceBytes,
    fits: (content) => content.subarray(0, 4).equals(Buffer.from('PK\x03\x04')),
    wanted: 'a zip archive',
  },
};
