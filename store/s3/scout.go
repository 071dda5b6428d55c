package s3

import "strings"

// scout finds the names to cut a listing at.
type scout struct {
	s        *Store
	sp       *spread
	like     *paging
	prefix   string // of the listing, as the bucket knows it
	from     string // where the spread began
	width    int
	requests int
	passed   int // folders since the last cut
}

// run finds cuts until there are no more, or no more that are worth it. What fails here
// only costs speed.
func (c *scout) run() {
	folders := slashes(c.from, len(c.prefix))
	for d := min(c.sp.gauge.depth, len(folders)); d > 0; d-- {
		parent := c.prefix
		if d > 1 {
			parent = c.from[:folders[d-2]]
		}
		if !c.walk(parent, c.sp.gauge.depth-d, c.from) {
			return
		}
	}
}

// walk looks at the folders of a folder behind a name, and down to those that are depth
// further below. It reports whether to go on.
func (c *scout) walk(folder string, depth int, behind string) bool {
	p := c.s.pagingOf(folder, "/")
	for {
		if !c.afford() {
			return false
		}
		page, err := p.next(c.sp.ctx)
		if err != nil {
			return false
		}
		c.requests++
		for _, e := range page.folders {
			if name := page.name(e); name > behind && !strings.HasPrefix(behind, name) && !c.folder(name, depth) {
				return false
			}
		}
		if !page.truncated || len(page.folders) == 0 {
			return true
		}
	}
}

// folder cuts at a folder, or looks into it.
func (c *scout) folder(name string, depth int) bool {
	if depth > 0 {
		return !c.ahead(name) || c.walk(name, depth-1, "")
	}
	c.sp.mu.Lock()
	group := c.sp.gauge.group()
	c.sp.mu.Unlock()
	if c.passed++; c.passed < group {
		return true
	}
	folders := c.passed
	c.passed = 0
	return c.sp.cut(c.s, c.like, name, folders, c.width)
}

// ahead reports whether a folder has not been read yet to its end.
func (c *scout) ahead(folder string) bool {
	c.sp.mu.Lock()
	defer c.sp.mu.Unlock()
	reached := c.sp.last().reached
	return reached < folder || strings.HasPrefix(reached, folder)
}

// afford waits until the pages that were read allow one more request that reads none:
// a few are free, then it is one for each four pages.
func (c *scout) afford() bool {
	c.sp.mu.Lock()
	defer c.sp.mu.Unlock()
	for c.sp.ctx.Err() == nil && !c.sp.last().done && c.requests > 4+c.sp.fetched/4 {
		c.sp.change.Wait()
	}
	return c.sp.ctx.Err() == nil && !c.sp.last().done
}
