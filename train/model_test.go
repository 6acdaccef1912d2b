package train_test

import (
	"math"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/model/feed"
	"github.com/surprisal-go/surprisal/objective"
	"github.com/surprisal-go/surprisal/optim"
	"github.com/surprisal-go/surprisal/tensor"
)

// gaussian is a density with a mean and a log standard deviation per column,
// small enough to be solved by hand: its maximum likelihood is at the sample
// moments. Its fixed state, the first event, is set by Init.
type gaussian struct {
	dims  int
	opt   optim.Optimizer
	noise float64 // standard deviation of noise that is added in training
	root  bool    // the loss takes √(x − least), which is NaN below least
	least float64
	cusp  bool // the loss has a term of value 0 and gradient NaN
	batch int
	state *tensor.Store

	keys []surprisal.Key // handed to Feed, and
	ids  [][]uint64      // of the events
	fed  func()          // called by Feed
}

func newGaussian(dims int, opt optim.Optimizer) *gaussian {
	g := &gaussian{dims: dims, opt: opt, state: &tensor.Store{}}
	g.state.Set("mean", tensor.New[float32](dims))
	g.state.Set("logsd", tensor.New[float32](dims))
	g.state.Set("origin", tensor.New[float64](dims))
	return g
}

func (g *gaussian) State() *tensor.Store { return g.state }

func (g *gaussian) Init(key surprisal.Key, train *surprisal.Batch) error {
	r := key.Rand()
	for _, name := range []string{"mean", "logsd"} {
		p := g.state.Must(name).F32()
		for i := range p {
			p[i] = float32(r.Float64())
		}
	}
	train.Float64s(g.state.Must("origin").F64(), 0)
	return nil
}

func (g *gaussian) Objective() (*objective.Objective, error) {
	gr := graph.New()
	leave := gr.Scope("body")
	x := gr.Input("x", graph.F32, graph.Batch, g.dims)
	if g.noise > 0 {
		key, ids := gr.Input("key", graph.U32, 2), gr.Input("ids", graph.U32, graph.Batch, 2)
		x = x.Add(graph.Normal(key, ids, 0, g.dims).MulScalar(g.noise))
	}
	if g.root {
		x = x.AddScalar(-g.least).Sqrt().Square().AddScalar(g.least)
	}
	mean, logsd := gr.Param("mean", g.dims), gr.Param("logsd", g.dims)
	z := x.Sub(mean).Mul(logsd.Neg().Exp())
	nats := z.Square().MulScalar(0.5).Add(logsd).AddScalar(0.5 * math.Log(2*math.Pi))
	loss := nats.Sum(1).Mean()
	if g.cusp {
		loss = loss.Add(mean.Sub(mean.StopGradient()).Abs().Sqrt().Sum())
	}
	leave()
	rows := feed.Rows{Input: "x", Width: g.dims, Fill: func(dst []float64, b *surprisal.Batch) error {
		b.Float64s(dst, 0)
		for i := range dst {
			dst[i] -= g.state.Must("origin").F64()[i%g.dims]
		}
		return nil
	}}
	obj := objective.New(g.state, objective.Phase{
		Loss: loss, Params: []*graph.Node{mean, logsd}, Optimizer: g.opt,
		Feed: func(feeds graph.Feeds, b *surprisal.Batch, key surprisal.Key) error {
			g.keys, g.ids = append(g.keys, key), append(g.ids, b.IDs)
			if g.fed != nil {
				g.fed()
			}
			feed.IDs(feeds, "ids", b)
			feed.Key(feeds, "key", key)
			return rows.Feed(feeds, b)
		},
	})
	obj.Batch = g.batch
	return obj, nil
}

// LogProb implements surprisal.Density on the host.
func (g *gaussian) LogProb(dst []float64, x *surprisal.Batch) error {
	mean, sd := g.moments()
	row := make([]float64, g.dims)
	for i := range dst {
		x.Float64s(row, i)
		dst[i] = 0
		for d, v := range row {
			z := (v - mean[d]) / sd[d]
			dst[i] -= z*z/2 + math.Log(sd[d]) + math.Log(2*math.Pi)/2
		}
	}
	return nil
}

// moments are the mean and standard deviation in raw data units.
func (g *gaussian) moments() (mean, sd []float64) {
	for d, o := range g.state.Must("origin").F64() {
		mean = append(mean, o+float64(g.state.Must("mean").F32()[d]))
		sd = append(sd, math.Exp(float64(g.state.Must("logsd").F32()[d])))
	}
	return mean, sd
}

// events draws n events of d real columns, with ids from first on.
func events(n, d int, key surprisal.Key, first uint64) *surprisal.Batch {
	fields := make([]surprisal.Field, d)
	columns := make([]surprisal.Column, d)
	ids := make([]uint64, n)
	for c := range d {
		fields[c] = surprisal.Field{Name: string(rune('a' + c))}
		r := key.Fold(uint64(c)).Rand()
		v := make(surprisal.Values[float64], n)
		for i := range v {
			v[i] = 3 + float64(c) + (r.Float64()+r.Float64()+r.Float64()-1.5)*float64(2+c)
			ids[i] = first + uint64(i)
		}
		columns[c] = v
	}
	return &surprisal.Batch{Space: &surprisal.Space{Fields: fields}, Columns: columns, IDs: ids}
}

// momentsOf are the sample means and standard deviations.
func momentsOf(b *surprisal.Batch) (mean, sd []float64) {
	n, d := b.Len(), b.Space.Dims()
	rows := make([]float64, n*d)
	b.Float64s(rows, 0)
	mean, sd = make([]float64, d), make([]float64, d)
	for i, v := range rows {
		mean[i%d] += v / float64(n)
	}
	for i, v := range rows {
		sd[i%d] += (v - mean[i%d]) * (v - mean[i%d]) / float64(n)
	}
	for c := range sd {
		sd[c] = math.Sqrt(sd[c])
	}
	return mean, sd
}
