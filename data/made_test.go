package data

import (
	"math"
	"testing"

	"github.com/surprisal-go/surprisal"
)

// golden are the checksums of train, valid and test of every set that the
// project makes. They must come out the same under any GOARCH and GOAMD64.
var golden = map[string][3]string{
	"tree64": {
		"sha256:80f14760c3ef0a9140a9330a2293c166de426baf6035a612f68c1ea0001a477c",
		"sha256:11201ea493ed501c6a72f111a1c4d4af3d2616247094fef21752ac9ca5845e75",
		"sha256:7b83da4c064fb7635608209f1e9826a9adf1ff19b9008b63f4057917ab4ccb6b",
	},
	"gaussian-mixture": {
		"sha256:f25746981783edfd006ca925705a9286388d17d0dc8423afe8118e8d4d8eebce",
		"sha256:76bef8116f7391b45e69deb647cde69550761f25185c2f2abd616dbafad805b4",
		"sha256:cf03d8af6813404528fd01f715139696ef1e0a4e3caeb7a5d7a4e9800d2f3e20",
	},
	"two-moons": {
		"sha256:d45ed0a395d77dc0c2c89e1f6040dd5a69d136b7ce6eaa58aec885a525f63569",
		"sha256:be3f4f31572b6cb5c1fd793ba3a718b6c0faa8937f42926a0c83ec2b95114d02",
		"sha256:0e45748a7429f6d4a05b0d98b28061f041cdf97f6ca7e143bef4f408a03f31e3",
	},
	"checkerboard": {
		"sha256:4be3d82dc23388f9ac21a46552cb42d6e7766fca5b86b5e3ea275a2a4deab17d",
		"sha256:3f4fcef33275f4dcbc2719a42dc92103700135bc9af67a1d2772fbfd4deafb12",
		"sha256:7bff4c49b54ccaaf33601eadb07ae2f6823d833d041241bd7bd27996318ba66c",
	},
	"glyphs": {
		"sha256:ff5631d400aee36e06faa01d7380b7f3c61e45f5c18413984cb5f81ea06abb24",
		"sha256:b554a7864150617629a9e553cc70fc8a761e526eef6aad3d9a677abb0cc7159d",
		"sha256:6a500970fc79fee1df29d181346c1d45eefae623571786b3aac358cc18796042",
	},
	"glyphs-binary": {
		"sha256:5d51f1777170b2289e47fb70b0d32a1683e40b7ab53c30c999812cd51981becd",
		"sha256:1f330ef5172be8f9126e57bba81852db6c2011eb162f70425c3088a6819b1a3c",
		"sha256:77bf8d7f5cc8df6c39384ccec3bf214b3b727a494dc57b8653fb147d8186f611",
	},
}

func TestMadeSetsGolden(t *testing.T) {
	for _, info := range List() {
		t.Run(info.Name, func(t *testing.T) {
			set := open(t, info.Name, Options{})
			want := golden[info.Name]
			for i, name := range splitNames {
				b, err := set.Split(name)
				if err != nil {
					t.Fatal(err)
				}
				if err := b.Slice(0, 500).Validate(); err != nil {
					t.Errorf("%s: %v", name, err)
				}
				if got := b.Checksum(); got != want[i] {
					t.Errorf("%s has checksum %s, want %s", name, got, want[i])
				}
			}
			ids := map[uint64]bool{}
			for _, b := range []*surprisal.Batch{set.Train, set.Valid, set.Test} {
				for i := range b.Len() {
					ids[b.ID(i)] = true
				}
			}
			if n := set.Train.Len() + set.Valid.Len() + set.Test.Len(); len(ids) != n {
				t.Errorf("%d ids for %d events", len(ids), n)
			}
		})
	}
}

// TestTruth checks each known density against its own sample: the mean
// surprisal of fresh events is the entropy, within four standard errors.
func TestTruth(t *testing.T) {
	for _, info := range List() {
		set := open(t, info.Name, Options{})
		if set.Entropy == nil {
			continue
		}
		logp := make([]float64, set.Test.Len())
		if err := set.Entropy.Truth.LogProb(logp, set.Test); err != nil {
			t.Fatal(err)
		}
		n, sum, squares := float64(len(logp)), 0.0, 0.0
		for _, l := range logp {
			sum -= l
			squares += l * l
		}
		mean := sum / n
		se := math.Sqrt(max(0, squares/n-mean*mean) / n)
		t.Logf("%s: entropy %.6f, mean surprisal of the test events %.6f ± %.6f", info.Name, set.Entropy.Nats, mean, se)
		if math.Abs(mean-set.Entropy.Nats) > 4*se+1e-9 {
			t.Errorf("%s: mean surprisal %.6f ± %.6f, entropy %.6f", info.Name, mean, se, set.Entropy.Nats)
		}
	}
}

func TestTruthRefusesOtherEvents(t *testing.T) {
	board := open(t, "checkerboard", Options{})
	tree := open(t, "tree64", Options{})
	if err := tree.Entropy.Truth.LogProb(make([]float64, 1), board.Test); err == nil {
		t.Error("tree64's density scored points of the plane")
	}
	if err := board.Entropy.Truth.LogProb(make([]float64, 1), tree.Test); err == nil {
		t.Error("checkerboard's density scored binary events")
	}
	if got := boardLogProb(-3, -1); !math.IsInf(got, -1) {
		t.Errorf("log p on a light square is %g, want -Inf", got)
	}
}

// TestTreeIndependence: independent marginals cost at least 10 nats more than
// the truth, by the exact formulas and on the data.
func TestTreeIndependence(t *testing.T) {
	set := open(t, "tree64", Options{})
	tree := set.Entropy.Truth.(*tree)
	h := func(p float64) float64 { return -p*math.Log(p) - (1-p)*math.Log(1-p) }
	independent := 0.0
	for _, p := range tree.marginals() {
		independent += h(p)
	}
	t.Logf("entropy %.6f nats, independent marginals %.6f", set.Entropy.Nats, independent)
	if independent < set.Entropy.Nats+10 {
		t.Errorf("independent marginals cost %.3f nats, the truth %.3f: want 10 more", independent, set.Entropy.Nats)
	}
	// frequencies of the training rows, scored on the test rows
	var ones [treeSize]float64
	row := make([]float64, treeSize)
	for i := range set.Train.Len() {
		set.Train.Float64s(row, i)
		for j, v := range row {
			ones[j] += v / float64(set.Train.Len())
		}
	}
	nats := 0.0
	for i := range set.Test.Len() {
		set.Test.Float64s(row, i)
		for j, v := range row {
			nats -= math.Log(v*ones[j]+(1-v)*(1-ones[j])) / float64(set.Test.Len())
		}
	}
	if nats < set.Entropy.Nats+10 {
		t.Errorf("on the test rows independent marginals cost %.3f nats, the truth %.3f: want 10 more", nats, set.Entropy.Nats)
	}
}

// TestTreeSums: the masses of a subtree's assignments sum to one, with the
// other variables summed out by enumeration of the first 12.
func TestTreeSums(t *testing.T) {
	tree := newTree(1)
	total := 0.0
	for code := range 1 << 12 {
		lp := 0.0
		for i := range 12 { // parents come first, so the rest sums to one
			lp += tree.log[i][code>>tree.parent[i]&1][code>>i&1]
		}
		total += math.Exp(lp)
	}
	if math.Abs(total-1) > 1e-12 {
		t.Errorf("masses sum to %.15f", total)
	}
}

// integrate returns the mass and the entropy of a density by the trapezoid
// rule, whose error for smooth functions falls faster than any power of step.
func integrate(p planar, x0, x1, y0, y1, step float64) (mass, entropy float64) {
	for i := 0; x0+float64(i)*step <= x1; i++ {
		for j := 0; y0+float64(j)*step <= y1; j++ {
			lp := p(x0+float64(i)*step, y0+float64(j)*step)
			cell := math.Exp(lp) * step * step
			mass += cell
			entropy -= cell * lp
		}
	}
	return mass, entropy
}

func TestMixtureEntropy(t *testing.T) {
	m := newRing()
	mass, entropy := integrate(m.logProb, -12, 12, -12, 12, 0.05)
	t.Logf("mass %.12f, entropy %.12f", mass, entropy)
	if math.Abs(mass-1) > 1e-9 || math.Abs(entropy-mixtureEntropy) > 1e-9 {
		t.Errorf("mass %.12f, entropy %.12f; want 1 and %.12f", mass, entropy, mixtureEntropy)
	}
}

func TestMoonsEntropy(t *testing.T) {
	if testing.Short() {
		t.Skip("half a second of quadrature")
	}
	m := newMoons()
	mass, entropy := integrate(m.logProb, -1.9, 2.9, -1.4, 1.9, 0.025)
	t.Logf("mass %.12f, entropy %.12f", mass, entropy)
	if math.Abs(mass-1) > 1e-9 || math.Abs(entropy-moonEntropy) > 1e-9 {
		t.Errorf("mass %.12f, entropy %.12f; want 1 and %.12f", mass, entropy, moonEntropy)
	}
}

// TestGlyphsVary: every label occurs, every image has ink and a free border.
func TestGlyphsVary(t *testing.T) {
	set := open(t, "glyphs-binary", Options{})
	if len(set.Train.LabelNames) != 62 {
		t.Fatalf("%d labels, want 62", len(set.Train.LabelNames))
	}
	seen := map[int32]int{}
	row := make([]float64, glyphSide*glyphSide)
	for i := range set.Train.Len() {
		seen[set.Train.Label[i]]++
		set.Train.Float64s(row, i)
		ink, border := 0.0, 0.0
		for p, v := range row {
			ink += v
			if x, y := p%glyphSide, p/glyphSide; x == 0 || y == 0 || x == glyphSide-1 || y == glyphSide-1 {
				border += v
			}
		}
		if ink < 8 || ink > 400 || border > 8 {
			t.Fatalf("image %d (%s) has %g inked pixels, %g on the border", i, set.Train.LabelNames[set.Train.Label[i]], ink, border)
		}
	}
	if len(seen) != 62 {
		t.Errorf("%d labels occur, want 62", len(seen))
	}
}

func TestMadeSetsRefuseColumnOptions(t *testing.T) {
	if _, err := Open("tree64", Options{Label: "x"}); err == nil {
		t.Error("a label column was accepted")
	}
	other := &surprisal.Space{Fields: []surprisal.Field{{Name: "y", Kind: surprisal.Real}}}
	if _, err := Open("tree64", Options{Space: other}); err == nil {
		t.Error("a foreign space was accepted")
	}
}

// opened holds the project's own sets, made once for all tests.
var opened = map[string]*Set{}

// open is Open, or the end of the test.
func open(t *testing.T, ref string, opts Options) *Set {
	t.Helper()
	if set := opened[ref]; set != nil {
		return set
	}
	set, err := Open(ref, opts)
	if err != nil {
		t.Fatal(err)
	}
	if set.Sources == nil {
		opened[ref] = set
	}
	return set
}
