package finalize

import "recfin/store"

// durable are the options of a read on which something rests that cannot be
// undone: a commit, a deletion. What a run finds in a folder may have been put
// there by another one that was killed before it was on the disk.
var durable = store.GetOptions{Durable: true}
