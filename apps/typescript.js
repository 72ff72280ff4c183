'use strict';
// Reads this project's TypeScript as it is. Packages hold JavaScript already: handed through the same reader, they take a
// command twice as long to load, so they keep Node's own.
const Module = require('node:module');

const inPackage = /[\\/]node_modules[\\/]/;
const { _extensions: readers, _resolveFilename: resolve } = Module;
const { '.js': read } = readers;
require('tsx/cjs');
const { _resolveFilename: resolveOurs } = Module;
const { '.js': readOurs } = readers;

readers['.js'] = (module, file) => (inPackage.test(file) ? read : readOurs)(module, file);
Object.assign(Module, {
  _resolveFilename(request, parent, ...rest) {
    const by = inPackage.test(parent?.filename ?? '') ? resolve : resolveOurs;
    return by.call(Module, request, parent, ...rest);
  },
});
