package cpu

import (
	"context"
	"time"
	"unsafe"

	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/internal/hugepage"
	"github.com/surprisal-go/surprisal/tensor"
)

// plan implements graph.Plan.
type plan struct {
	exec     *Executor
	outputs  []*graph.Node
	leaves   []*graph.Node // inputs and parameters
	slots    []slot
	steps    []step
	names    []string   // of the steps, for people who look where the time goes
	record   *record    // if the executor is watched
	scratch  int        // floats that a worker needs, see worker.need
	products bool       // some step packs for products
	panels   Amount     // floats that an operand of a product may take when packed
	programs []*program // of the clusters
	firsts   []move     // copies before the steps
	lasts    []move     // and after them: updates that were not written in place
	results  []int      // slots of the outputs

	firstWrite int    // the first step that writes into the store
	checked    bool   // look for NaN in
	vals       []*val // these

	// Of a run: the elements of every slot, four bytes each whatever the type.
	mem      [][]float32
	batch    int
	capacity int
	tensors  []tensor.Tensor // of the last run
	bools    [][]uint8
}

// slot is a place for the elements of vals.
type slot struct {
	leaf *val   // whose elements come from outside, or nil for a buffer
	size extent // of a buffer
	held []float32
}

// move is a copy from one slot into another.
type move struct{ to, from int }

func (p *plan) addLeaf(v *val) int {
	p.slots = append(p.slots, slot{leaf: v, size: v.size()})
	return len(p.slots) - 1
}

func (p *plan) addBuffer(size extent) int {
	p.slots = append(p.slots, slot{size: size})
	return len(p.slots) - 1
}

// Run implements graph.Plan. Once the first update has been written, the run
// goes on to its end even if ctx is cancelled.
func (p *plan) Run(ctx context.Context, feeds graph.Feeds, store *tensor.Store) ([]tensor.Tensor, error) {
	batch, err := graph.Bind(p.leaves, feeds, store)
	if err != nil {
		return nil, err
	}
	p.exec.turn.Lock()
	defer p.exec.turn.Unlock()
	p.bind(feeds, store)
	if err := p.run(ctx, batch); err != nil {
		return nil, err
	}
	return p.result(), nil
}

// bind points the slots of inputs and parameters, which have been checked, at
// their elements.
func (p *plan) bind(feeds graph.Feeds, store *tensor.Store) {
	p.prepare()
	for i := range p.slots {
		v := p.slots[i].leaf
		if v == nil || v.node == nil {
			continue
		}
		switch v.op {
		case graph.OpInput:
			p.mem[i] = p.apart(i, elements(feeds[v.attr.Name]))
		case graph.OpParam:
			t, _ := store.Get(v.attr.Name)
			p.mem[i] = elements(t)
		}
	}
}

// apart returns what is fed, or a copy of it if it lies in an output of the last
// run, over which this one writes.
func (p *plan) apart(slot int, fed []float32) []float32 {
	for _, r := range p.results {
		if overlap(fed, p.slots[r].held) {
			p.slots[slot].held = append(p.slots[slot].held[:0], fed...)
			return p.slots[slot].held
		}
	}
	return fed
}

func overlap(x, y []float32) bool {
	if len(x) == 0 || len(y) == 0 {
		return false
	}
	first := func(s []float32) uintptr { return uintptr(unsafe.Pointer(&s[0])) }
	last := func(s []float32) uintptr { return uintptr(unsafe.Pointer(&s[len(s)-1])) }
	return first(x) <= last(y) && first(y) <= last(x)
}

// run executes the steps. Inputs and parameters are bound.
func (p *plan) run(ctx context.Context, batch int) (err error) {
	p.prepare()
	p.resize(batch)
	if pool := p.exec.pool; measuresTime && pool.helpers > 0 {
		pool.others.before(time.Now(), pool.usage)
		defer func() { pool.others.after(time.Now()) }()
	}
	if p.record != nil {
		defer p.record.ran(batch, time.Now())
	}
	for _, m := range p.firsts {
		copy(p.mem[m.to], p.mem[m.from])
	}
	for i, s := range p.steps {
		if i <= p.firstWrite {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		if p.record != nil {
			err = p.timed(i, s)
		} else {
			err = s.run()
		}
		if err != nil {
			return err
		}
	}
	if p.checked {
		if err := p.findNaN(); err != nil {
			return err
		}
	}
	for _, m := range p.lasts {
		copy(p.mem[m.to], p.mem[m.from])
	}
	return nil
}

func (p *plan) prepare() {
	if p.mem == nil {
		p.mem = make([][]float32, len(p.slots))
	}
	for _, w := range p.exec.pool.workers {
		w.need(p.scratch)
		if p.products {
			p.exec.kern.Reserve(&w.scratch)
		}
	}
}

// reserve says that a step will need n floats of a worker. Asked for before the
// run, they are never asked for in it.
func (p *plan) reserve(n int) { p.scratch = max(p.scratch, n) }

// resize fits the buffers to a batch. They are kept as long as none larger
// comes.
func (p *plan) resize(batch int) {
	grow := batch > p.capacity
	p.capacity = max(p.capacity, batch)
	for i := range p.slots {
		s := &p.slots[i]
		switch {
		case s.leaf == nil:
			if s.held == nil || grow && s.size.batched {
				s.held = hugepage.Make[float32](s.size.at(p.capacity))
			}
			p.mem[i] = s.held[:s.size.at(batch)]
		case s.leaf.data != nil:
			p.mem[i] = s.leaf.data
		case s.leaf.op == graph.OpBatchSize:
			if s.held == nil {
				s.held = make([]float32, 1)
			}
			s.held[0] = float32(batch)
			p.mem[i] = s.held
		}
	}
	if batch != p.batch || grow {
		p.tensors = nil
	}
	p.batch = batch
}

// result wraps the outputs. The tensors are made anew only when the batch
// changes.
func (p *plan) result() []tensor.Tensor {
	if p.tensors == nil {
		p.tensors = make([]tensor.Tensor, len(p.outputs))
		p.bools = make([][]uint8, len(p.outputs))
		for i, n := range p.outputs {
			t := &p.tensors[i]
			t.Shape = graph.Concrete(n.Shape(), p.batch)
			x := p.mem[p.results[i]][:tensor.Size(t.Shape)]
			switch n.DType() {
			case graph.F32:
				t.Data = x
			case graph.I32:
				t.Data = ints(x)
			case graph.U32:
				t.Data = uints(x)
			case graph.Bool:
				p.bools[i] = make([]uint8, len(x))
				t.Data = p.bools[i]
			}
		}
	}
	for i, b := range p.bools {
		for j := range b {
			b[j] = uint8(uints(p.mem[p.results[i]])[j] & 1)
		}
	}
	return p.tensors
}

// elements views the data of a tensor that Bind has checked.
func elements(t tensor.Tensor) []float32 {
	switch d := t.Data.(type) {
	case []float32:
		return d
	case []int32:
		return unsafe.Slice((*float32)(unsafe.Pointer(unsafe.SliceData(d))), len(d))
	case []uint32:
		return unsafe.Slice((*float32)(unsafe.Pointer(unsafe.SliceData(d))), len(d))
	}
	return t.F32()
}

func ints(x []float32) []int32 {
	return unsafe.Slice((*int32)(unsafe.Pointer(unsafe.SliceData(x))), len(x))
}

func uints(x []float32) []uint32 {
	return unsafe.Slice((*uint32)(unsafe.Pointer(unsafe.SliceData(x))), len(x))
}
