package bench

import (
	"strconv"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/dist"
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/nn"
	"github.com/surprisal-go/surprisal/objective"
	"github.com/surprisal-go/surprisal/tensor"
)

// transformer is a causal transformer that normalises first. Position t sees
// symbol t−1, and position 0 a symbol of its own, number Symbols; positions are
// learned. The last layer begins as zero.
type transformer struct {
	symbols, positions nn.Embedding
	blocks             []nn.TransformerBlock
	norm               nn.LayerNorm
	out                nn.Linear
}

func newTransformer() transformer {
	const width = 128
	t := transformer{
		symbols:   nn.Embedding{Name: "symbols", Symbols: Symbols + 1, Dim: width},
		positions: nn.Embedding{Name: "positions", Symbols: Tokens, Dim: width},
		norm:      nn.LayerNorm{Name: "norm", Dim: width},
		out:       nn.Linear{Name: "out", In: width, Out: Symbols, Weights: nn.Zero},
	}
	for i := range 2 {
		t.blocks = append(t.blocks, nn.TransformerBlock{Name: "block" + strconv.Itoa(i+1), Dim: width, Heads: 4, Hidden: 512, Causal: true})
	}
	return t
}

func (t transformer) layers() []nn.Layer {
	layers := []nn.Layer{t.symbols, t.positions, t.norm, t.out}
	for _, b := range t.blocks {
		layers = append(layers, b)
	}
	return layers
}

// logProb is ln p of the events' symbols, given those that each position sees.
func (t transformer) logProb(seen, symbols *graph.Node) *graph.Node {
	x := t.symbols.Apply(seen).Add(t.positions.Params(seen.Graph())[0])
	for _, b := range t.blocks {
		x = b.Apply(x)
	}
	return dist.Categorical{Logits: t.out.Apply(t.norm.Apply(x))}.LogProb(symbols)
}

func trainTransformer(exec graph.Executor, batch int) (*Run, error) {
	t, g, store := newTransformer(), graph.New(), &tensor.Store{}
	for _, l := range t.layers() {
		l.Init(store, 1)
	}
	params := 0
	for _, p := range store.All() {
		params += p.Size()
	}
	seen, symbols := g.Input("seen", graph.I32, graph.Batch, Tokens), g.Input("symbols", graph.I32, graph.Batch, Tokens)
	obj := objective.New(store, objective.Phase{Loss: t.logProb(seen, symbols).Mean().Neg(), Params: nn.Params(g, t.layers()...),
		Optimizer: adam, Feed: feedTexts})
	run, err := newTraining(obj, exec, Texts(), batch)
	if err != nil {
		return nil, err
	}
	return &Run{Params: params, Step: run.Step}, nil
}

func feedTexts(feeds graph.Feeds, b *surprisal.Batch, _ surprisal.Key) error {
	n := b.Len()
	codes := make([]float64, n*Tokens)
	b.Float64s(codes, 0)
	seen, symbols := make([]int32, len(codes)), make([]int32, len(codes))
	for i, c := range codes {
		symbols[i], seen[i] = int32(c), Symbols
		if i%Tokens > 0 {
			seen[i] = symbols[i-1]
		}
	}
	feeds["seen"], feeds["symbols"] = tensor.Of(seen, n, Tokens), tensor.Of(symbols, n, Tokens)
	return nil
}
