// Package store is the contract between recfin and object storage.
//
// A store holds whole objects under keys. It is split by power, so that a
// function can only do what its arguments allow: planning is given a [Reader],
// publishing a [Reader] and a [Writer], and only cleaning ever holds a
// [Deleter].
//
// Three implementations pass one and the same suite (store/storetest):
// store/mem (the reference, in memory), store/file (a folder) and store/s3.
// store/open turns a URL into one of them.
//
// # Rules that every implementation keeps
//
//   - An object is visible whole or not at all, and replaced as a whole.
//   - A read, a listing, a write and a delete each see all that returned
//     before they began (strong consistency).
//   - A context that is done ends every call; after it nothing more is written
//     or deleted, except by [Upload.Abort].
//   - Errors are an [*Error] that names action, store label and key, and wrap
//     one of the sentinels of this package where one fits.
//   - Keys are valid UTF-8 of 1 to 1024 bytes. Keys whose first element is
//     ".recfin" at the root of the store are listed only by a prefix that names a folder
//     in it ([Hidden]).
//   - Nothing here logs, and no label, error or value ever holds a secret.
package store
