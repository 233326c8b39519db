/** Tags as they are typed: between commas. */
export function tagsTyped(text: string): string[] {
  return text.split(',').flatMap((tag) => (tag.trim() === '' ? [] : [tag.trim()]));
}
