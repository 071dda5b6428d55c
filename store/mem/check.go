package mem

import "recfin/store"

// check says why an object cannot be stored under the key with these options.
func check(key string, opt store.PutOptions) error {
	if err := store.CheckKey(key); err != nil {
		return err
	}
	if err := opt.Check(); err != nil {
		return err
	}
	return store.CheckMetadata(opt.Metadata, store.MaxMetadata)
}
