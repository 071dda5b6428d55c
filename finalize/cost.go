package finalize

import "recfin/store"

// Cost is what a job asked of its stores.
type Cost struct {
	List         int64 `json:"list"` // requests of up to 1,000 keys
	Get          int64 `json:"get"`
	Head         int64 `json:"head"`
	Put          int64 `json:"put"`
	Copy         int64 `json:"copy,omitempty"` // made by the store
	Delete       int64 `json:"delete,omitempty"`
	BytesRead    int64 `json:"bytes_read"`
	BytesWritten int64 `json:"bytes_written,omitempty"`
}

// Counts are the counts of a cost in a fixed order, for sums and comparisons.
func (c *Cost) Counts() []*int64 {
	return []*int64{&c.List, &c.Get, &c.Head, &c.Put, &c.Copy, &c.Delete, &c.BytesRead, &c.BytesWritten}
}

// Plus is the sum of two costs.
func (c Cost) Plus(d Cost) Cost {
	to := c.Counts()
	for i, n := range d.Counts() {
		*to[i] += *n
	}
	return c
}

func costOf(counters []*store.Counters) Cost {
	var c Cost
	for _, n := range counters {
		c.List += n.List.Load()
		c.Get += n.Get.Load()
		c.Head += n.Head.Load()
		c.Put += n.Put.Load()
		c.Copy += n.Copy.Load()
		c.Delete += n.Delete.Load()
		c.BytesRead += n.BytesRead.Load()
		c.BytesWritten += n.BytesWritten.Load()
	}
	return c
}
