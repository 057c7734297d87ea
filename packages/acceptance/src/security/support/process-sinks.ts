import { readdir, readFile, readlink } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Sink } from './sinks.ts';

/** What the system shows about a running process to anybody who asks: its title, arguments, environment and open files. */
export async function processSinks(pid: number): Promise<Sink[]> {
  const proc = join('/proc', String(pid));
  const files = ['comm', 'cmdline', 'environ', 'status', 'stat'].map(async (name): Promise<Sink> => {
    return { where: `/proc/PID/${name}`, content: await readFile(join(proc, name)) };
  });
  const descriptors = await readdir(join(proc, 'fd'));
  const links = await Promise.all(
    descriptors.map((name) => readlink(join(proc, 'fd', name)).catch(() => 'closed meanwhile')),
  );
  return [...(await Promise.all(files)), { where: '/proc/PID/fd', content: links.join('\n') }];
}

/** Every file under a folder, and their names. */
export async function fileSinks(directory: string): Promise<Sink[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const contents = files.map(async (file): Promise<Sink> => {
    return { where: relative(directory, file), content: await readFile(file) };
  });
  return [...(await Promise.all(contents)), { where: 'names of files', content: files.join('\n') }];
}
