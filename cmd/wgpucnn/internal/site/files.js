// files.js: a file system in memory. Go's programs in a browser call it as they call Node's fs: with
// callbacks. It keeps the files from one run of the program to the next, until the page is closed.
"use strict";

// A node is a file with bytes, a folder with a map of names, or a link with a path.
class FileNode {
  constructor(mode, folder) {
    this.mode = mode;
    this.folder = folder ? new Map() : null;
    this.bytes = new Uint8Array(0); // may be longer than the file
    this.size = 0;
    this.link = null;
    this.time = Date.now();
    this.number = ++FileNode.count;
  }

  // resize makes the file so long. What is new is 0.
  resize(size) {
    if (size > this.bytes.length) {
      const more = new Uint8Array(Math.max(size, 2 * this.bytes.length));
      more.set(this.bytes.subarray(0, this.size));
      this.bytes = more;
    } else if (size < this.size) {
      this.bytes.fill(0, size, this.size);
    }
    this.size = size;
    this.time = Date.now();
  }

  stat() {
    const size = this.folder ? this.folder.size : this.link ? this.link.length : this.size;
    const kind = this.folder ? 0o040000 : this.link ? 0o120000 : 0o100000;
    return {
      dev: 1, ino: this.number, mode: kind | this.mode, nlink: 1, uid: 0, gid: 0, rdev: 0,
      size, blksize: 4096, blocks: Math.ceil(size / 512), atimeMs: this.time, mtimeMs: this.time, ctimeMs: this.time,
      isDirectory: () => this.folder !== null,
    };
  }
}
FileNode.count = 0;

// fault returns an error with a code, which Go turns into its own.
function fault(code) {
  return Object.assign(new Error(code), { code });
}

class Files {
  // print gets what a program writes to its standard output (1) and standard error (2), as bytes.
  constructor(print) {
    this.print = print;
    this.root = new FileNode(0o755, true);
    this.here = "/";
    this.open = new Map(); // file descriptors
    this.next = 3;
  }

  // resolve returns an absolute path without "." and "..".
  resolve(...paths) {
    const words = [];
    for (const path of [this.here, ...paths]) {
      if (path.startsWith("/")) words.length = 0;
      for (const word of path.split("/")) {
        if (word === "..") words.pop();
        else if (word !== "" && word !== ".") words.push(word);
      }
    }
    return "/" + words.join("/");
  }

  // find returns the node of a path, or throws. It follows links; of the last name only if told.
  find(path, follow = true, depth = 0) {
    if (depth > 40) throw fault("ELOOP");
    let node = this.root;
    const words = this.resolve(path).split("/").filter(Boolean);
    for (let i = 0; i < words.length; i++) {
      if (!node.folder) throw fault("ENOTDIR");
      node = node.folder.get(words[i]);
      if (!node) throw fault("ENOENT");
      if (node.link !== null && (follow || i + 1 < words.length)) {
        node = this.find(this.resolve(`/${words.slice(0, i).join("/")}`, node.link), true, depth + 1);
      }
    }
    return node;
  }

  // place returns the folder that has the last name of a path, and the name.
  place(path) {
    const words = this.resolve(path).split("/");
    const name = words.pop();
    if (name === "") throw fault("EBUSY"); // the root
    const folder = this.find(words.join("/") || "/").folder;
    if (!folder) throw fault("ENOTDIR");
    return [folder, name];
  }

  // descriptor returns an open file.
  descriptor(fd) {
    const file = this.open.get(fd);
    if (!file) throw fault("EBADF");
    return file;
  }

  // make makes a folder with those above it, as far as they are not there.
  make(path) {
    let { folder } = this.root;
    for (const word of this.resolve(path).split("/").filter(Boolean)) {
      if (!folder.has(word)) folder.set(word, new FileNode(0o755, true));
      folder = folder.get(word).folder;
      if (!folder) throw fault("ENOTDIR");
    }
  }

  // put writes a whole file and makes its folders.
  put(path, bytes) {
    this.make(this.resolve(path, ".."));
    const [folder, name] = this.place(path);
    const node = new FileNode(0o644, false);
    node.bytes = bytes;
    node.size = bytes.length;
    folder.set(name, node);
  }

  // get returns a copy of a file's bytes.
  get(path) {
    const node = this.find(path);
    if (node.folder) throw fault("EISDIR");
    return node.bytes.slice(0, node.size);
  }

  // list returns the paths of all files below a folder, sorted.
  list(path) {
    const found = [];
    const walk = (at, node) => {
      if (node.folder) for (const [name, child] of node.folder) walk(`${at}/${name}`, child);
      else if (node.link === null) found.push(at);
    };
    walk(this.resolve(path).replace(/\/$/, ""), this.find(path));
    return found.sort();
  }

  // remove deletes a file or a folder with all that is in it.
  remove(path) {
    const [folder, name] = this.place(path);
    folder.delete(name);
  }

  // fs returns what Go expects as globalThis.fs.
  fs() {
    // call makes a function of Node's kind: the last argument is called with the error, or with the result.
    const call = (work) => (...args) => {
      const done = args.pop();
      let result;
      try {
        result = work(...args);
      } catch (error) {
        done(error.code ? error : fault("EIO"));
        return;
      }
      done(null, result);
    };
    const nothing = call(() => undefined);
    const refuse = call(() => { throw fault("ENOSYS"); });
    const write = (fd, bytes, position) => {
      if (fd === 1 || fd === 2) {
        this.print(fd, bytes);
        return bytes.length;
      }
      const file = this.descriptor(fd);
      const at = position ?? (file.append ? file.node.size : file.at);
      if (at + bytes.length > file.node.size) file.node.resize(at + bytes.length);
      file.node.bytes.set(bytes, at);
      file.node.time = Date.now();
      if (position === null || position === undefined) file.at = at + bytes.length;
      return bytes.length;
    };
    const C = Files.constants;
    return {
      constants: C,
      writeSync: (fd, bytes) => write(fd, bytes, null),
      write: call((fd, buffer, offset, length, position) => write(fd, buffer.subarray(offset, offset + length), position)),
      read: call((fd, buffer, offset, length, position) => {
        if (fd === 0) return 0; // nobody types
        const file = this.descriptor(fd);
        if (file.node.folder) throw fault("EISDIR");
        const at = position ?? file.at;
        const count = Math.max(0, Math.min(length, file.node.size - at));
        buffer.set(file.node.bytes.subarray(at, at + count), offset);
        if (position === null || position === undefined) file.at = at + count;
        return count;
      }),
      open: call((path, flags, mode) => {
        let node;
        try {
          node = this.find(path);
        } catch (error) {
          if (error.code !== "ENOENT" || !(flags & C.O_CREAT)) throw error;
          const [folder, name] = this.place(path);
          node = new FileNode(mode & 0o777, false);
          folder.set(name, node);
          flags &= ~C.O_EXCL;
        }
        if ((flags & C.O_CREAT) && (flags & C.O_EXCL)) throw fault("EEXIST");
        if (node.folder && (flags & (C.O_WRONLY | C.O_RDWR))) throw fault("EISDIR");
        if (!node.folder && (flags & C.O_DIRECTORY)) throw fault("ENOTDIR");
        if (flags & C.O_TRUNC) node.resize(0);
        const fd = this.next++;
        this.open.set(fd, { node, at: 0, append: Boolean(flags & C.O_APPEND) });
        return fd;
      }),
      close: call((fd) => {
        if (fd < 3) return; // the page stays
        this.descriptor(fd);
        this.open.delete(fd);
      }),
      fstat: call((fd) => (fd < 3 ? new FileNode(0o600, false) : this.descriptor(fd).node).stat()),
      stat: call((path) => this.find(path).stat()),
      lstat: call((path) => this.find(path, false).stat()),
      readlink: call((path) => this.find(path, false).link ?? (() => { throw fault("EINVAL"); })()),
      symlink: call((target, path) => {
        const [folder, name] = this.place(path);
        if (folder.has(name)) throw fault("EEXIST");
        const node = new FileNode(0o777, false);
        node.link = target;
        folder.set(name, node);
      }),
      mkdir: call((path, mode) => {
        const [folder, name] = this.place(path);
        if (folder.has(name)) throw fault("EEXIST");
        folder.set(name, new FileNode(mode & 0o777, true));
      }),
      readdir: call((path) => {
        const { folder } = this.find(path);
        if (!folder) throw fault("ENOTDIR");
        return [...folder.keys()];
      }),
      rename: call((from, to) => {
        const node = this.find(from, false);
        const [old, oldName] = this.place(from);
        const [folder, name] = this.place(to);
        const there = folder.get(name);
        if (there === node) return;
        if (`${this.resolve(to)}/`.startsWith(`${this.resolve(from)}/`)) throw fault("EINVAL"); // into itself
        if (there && there.folder && !node.folder) throw fault("EISDIR");
        if (there && !there.folder && node.folder) throw fault("ENOTDIR");
        if (there && there.folder && there.folder.size > 0) throw fault("ENOTEMPTY");
        old.delete(oldName);
        folder.set(name, node);
      }),
      unlink: call((path) => {
        if (this.find(path, false).folder) throw fault("EISDIR");
        this.remove(path);
      }),
      rmdir: call((path) => {
        const { folder } = this.find(path);
        if (!folder) throw fault("ENOTDIR");
        if (folder.size > 0) throw fault("ENOTEMPTY");
        this.remove(path);
      }),
      truncate: call((path, length) => this.find(path).resize(length)),
      ftruncate: call((fd, length) => this.descriptor(fd).node.resize(length)),
      chmod: call((path, mode) => { this.find(path).mode = mode & 0o777; }),
      fchmod: call((fd, mode) => { this.descriptor(fd).node.mode = mode & 0o777; }),
      utimes: call((path, atime, mtime) => { this.find(path).time = 1000 * mtime; }),
      fsync: nothing, chown: nothing, fchown: nothing, lchown: nothing,
      link: refuse,
    };
  }

  // process returns what Go expects as globalThis.process.
  process() {
    const one = () => 0;
    return {
      getuid: one, getgid: one, geteuid: one, getegid: one, getgroups: () => [], pid: 1, ppid: 0, umask: () => 0o022,
      cwd: () => this.here,
      chdir: (path) => {
        if (!this.find(path).folder) throw fault("ENOTDIR");
        this.here = this.resolve(path);
      },
    };
  }
}
Files.constants = { O_RDONLY: 0, O_WRONLY: 1, O_RDWR: 2, O_CREAT: 64, O_EXCL: 128, O_TRUNC: 512, O_APPEND: 1024, O_DIRECTORY: 65536 };

globalThis.Files = Files;
