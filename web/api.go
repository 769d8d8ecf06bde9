package web

import (
	"context"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"earshot/feedback"
)

type searchBody struct {
	Query string    `json:"query"`
	Hits  []hitBody `json:"hits" doc:"The best first"`
}

type clusterPage struct {
	clusterBody
	Retired      bool      `json:"retired" doc:"It ended: nothing new joins it"`
	Successor    string    `json:"successor,omitempty" doc:"What a retired cluster became part of"`
	Went         []went    `json:"went,omitempty" doc:"Where the excerpts of a retired cluster without a successor went, the most first"`
	Offset       int       `json:"offset"`
	NextOffset   int       `json:"next_offset,omitempty" doc:"Where the excerpts go on; left out at the end"`
	ExcerptsHere []hitBody `json:"excerpts_page" doc:"Some of its excerpts, the latest first"`
}

type went struct {
	Cluster  string `json:"cluster"`
	Name     string `json:"name"`
	Excerpts int    `json:"excerpts"`
}

type pulseOut struct {
	ContentType string `header:"Content-Type"`
	ETag        string `header:"ETag"`
	PulseID     string `header:"Earshot-Pulse"`
	Erased      string `header:"Earshot-Evidence-Erased"`
	Body        []byte
}

// api adds the REST API, and its description at /openapi.json and /openapi.yaml.
func (s *Server) api(mux *http.ServeMux) {
	schemas := huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)
	config := huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI:    "3.1.0",
			Info:       &huma.Info{Title: "Earshot", Version: s.cfg.Version, Description: "Customer feedback, from the first word to the Pulse."},
			Components: &huma.Components{Schemas: schemas},
		},
		OpenAPIPath:   "/openapi",
		Formats:       huma.DefaultFormats,
		DefaultFormat: "application/json",
	}
	api := humago.New(mux, config)
	api.OpenAPI().AddOperation(intakeOperation(schemas, s.cfg.MaxBytes))
	for _, op := range hookOperations(schemas) {
		api.OpenAPI().AddOperation(op)
	}
	mux.HandleFunc("POST /v1/feedback", s.takeFeedback)

	get := func(id, path, summary string) huma.Operation {
		return huma.Operation{OperationID: id, Method: http.MethodGet, Path: path, Summary: summary,
			Errors: []int{http.StatusBadRequest, http.StatusNotFound, http.StatusServiceUnavailable}}
	}
	huma.Register(api, get("list-clusters", "/v1/clusters", "The clusters that stand"), answer(s, s.listClusters))
	huma.Register(api, get("get-cluster", "/v1/clusters/{id}", "One cluster and its excerpts"), answer(s, s.getCluster))
	huma.Register(api, get("books", "/v1/books", "What became of every message that was received"), answer(s, s.books))
	huma.Register(api, get("list-alerts", "/v1/alerts", "What cannot wait for the next Pulse"), answer(s, s.listAlerts))
	s.scheduleAPI(api)
	huma.Register(api, get("search", "/v1/search", "Excerpts that answer a query"), answer(s, s.search))
	huma.Register(api, get("latest-pulse", "/v1/pulse", "The latest Pulse, the document as it is kept"), within(s, s.latestPulse))
	s.decisionsAPI(api)
	s.privacyAPI(api)
	huma.Register(api, get("get-pulse", "/v1/pulses/{id}", "One Pulse, the document as it is kept"), within(s, s.getPulse))
	s.apiRuns(api)
}

// intakeOperation describes POST /v1/feedback, which is answered without huma: it reads a stream of rows.
func intakeOperation(schemas huma.Registry, limit int64) *huma.Operation {
	item := huma.SchemaFromType(schemas, reflect.TypeFor[feedback.Submission]())
	answer := func(words string, of reflect.Type) *huma.Response {
		return &huma.Response{Description: words, Content: map[string]*huma.MediaType{
			"application/json": {Schema: schemas.Schema(of, true, "")}}}
	}
	receipt, problem := reflect.TypeFor[Receipt](), reflect.TypeFor[Problem]()
	text := &huma.Schema{Type: huma.TypeString}
	return &huma.Operation{
		OperationID: "send-feedback", Method: http.MethodPost, Path: "/v1/feedback",
		Summary: "Send feedback", Description: intakeWords, MaxBodyBytes: limit,
		Parameters: []*huma.Param{
			{Name: "workspace", In: "query", Schema: text, Description: "Or the header Earshot-Workspace; the server's own where neither is there"},
			{Name: "source", In: "query", Schema: text, Description: "Or the header Earshot-Source; \"api\" where neither is there"},
		},
		RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
			"application/json":     {Schema: item},
			"application/x-ndjson": {Schema: text},
		}},
		Responses: map[string]*huma.Response{
			"202": answer("Every row is on disk, or is wrong for good", receipt),
			"400": answer("No row could be taken", receipt),
			"413": answer("Over a limit, which the message names", problem),
			"503": answer("The queue is full or away: send all of it again", receipt),
		},
	}
}

func (s *Server) listClusters(ctx context.Context, workspace string, _ *in) (clustersBody, error) {
	list, err := s.cfg.Store.ClusterList(ctx, workspace)
	return bodyOfList(list), err
}

type booksBody struct {
	feedback.Books
	Balanced bool `json:"balanced" doc:"Every message that was ever received is accounted for"`
	Settled  bool `json:"settled" doc:"No message is being handled, so that balanced says something"`
}

// books answers with the accounts of the workspace; the sums are those of the whole queue.
func (s *Server) books(ctx context.Context, workspace string, _ *in) (booksBody, error) {
	books, err := s.cfg.Books.Books(ctx)
	if err != nil {
		return booksBody{}, err
	}
	body := booksBody{Books: books, Balanced: books.Balanced(), Settled: books.Settled()}
	body.Accounts = slices.DeleteFunc(body.Accounts, func(a feedback.Account) bool { return a.Workspace != workspace })
	return body, nil
}

func (s *Server) getCluster(ctx context.Context, workspace string, q *struct {
	in
	ID     string `path:"id" doc:"For instance C12"`
	Offset int    `query:"offset" minimum:"0" maximum:"10000000"`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
}) (clusterPage, error) {
	id, err := feedback.ParseClusterID(q.ID)
	if err != nil {
		return clusterPage{}, err
	}
	view, err := s.cfg.Store.ClusterByID(ctx, workspace, id)
	if err != nil {
		return clusterPage{}, err
	}
	// One more than was asked for says whether there is a next page.
	hits, err := s.cfg.Store.ClusterExcerpts(ctx, workspace, id, q.Offset, q.Limit+1)
	if err != nil {
		return clusterPage{}, err
	}
	body := clusterPage{clusterBody: bodyOfCluster(view), Retired: view.Cluster.Retired, Offset: q.Offset}
	if view.Cluster.Successor != 0 {
		body.Successor = view.Cluster.Successor.String()
	}
	for _, w := range view.Went {
		body.Went = append(body.Went, went{w.Cluster.String(), w.Name, w.Excerpts})
	}
	if len(hits) > q.Limit {
		hits, body.NextOffset = hits[:q.Limit], q.Offset+q.Limit
	}
	body.ExcerptsHere = bodiesOfHits(hits)
	return body, nil
}

func (s *Server) search(ctx context.Context, workspace string, q *struct {
	in
	Query string `query:"q" required:"true" doc:"What to look for, up to 1,000 bytes"`
	Limit int    `query:"limit" minimum:"1" maximum:"200" default:"20"`
}) (searchBody, error) {
	hits, err := s.cfg.Search.Search(ctx, workspace, q.Query, q.Limit)
	return searchBody{Query: q.Query, Hits: bodiesOfHits(hits)}, err
}

func (s *Server) latestPulse(ctx context.Context, workspace string, _ *in) (*pulseOut, error) {
	p, err := s.cfg.Pulses.LatestPulse(ctx, workspace)
	return pulseAnswer(p), err
}

func (s *Server) getPulse(ctx context.Context, workspace string, q *struct {
	in
	ID string `path:"id" maxLength:"80"`
}) (*pulseOut, error) {
	p, err := s.cfg.Pulses.PulseByID(ctx, workspace, q.ID)
	return pulseAnswer(p), err
}

func pulseAnswer(p feedback.Pulse) *pulseOut {
	answer := &pulseOut{ContentType: "application/json", ETag: `"` + p.ID + `"`, PulseID: p.ID, Body: p.Document}
	if !p.ErasedAt.IsZero() {
		// The document is not the one that was published: caches must not take the one for the other.
		answer.Erased = p.ErasedAt.UTC().Format(time.RFC3339)
		answer.ETag = `"` + p.ID + "-" + strconv.FormatInt(p.ErasedAt.UnixMicro(), 36) + `"`
	}
	return answer
}

// clustersBody and the types below are the API's own shapes: ids as people see them, and no field that only SQL needs.
type clustersBody struct {
	Items      int                      `json:"items" doc:"Without copies"`
	Copies     int                      `json:"copies" doc:"Items that say over again what another said: kept, and not counted"`
	Excerpts   int                      `json:"excerpts" doc:"That are analysed"`
	Unassigned int                      `json:"unassigned" doc:"Analysed excerpts that belong to no cluster"`
	Outliers   map[feedback.Outlier]int `json:"outliers" doc:"Those by reason: small, far, between, alone, blank, early, or none stored"`
	Pending    int                      `json:"pending" doc:"Excerpts that wait to be analysed"`
	Clusters   []clusterBody            `json:"clusters" doc:"The most items first, without those that are hidden"`
	Hidden     []clusterBody            `json:"hidden" doc:"Those that a person hid"`
}

type clusterBody struct {
	ID        string     `json:"id"`
	Name      string     `json:"name"`
	Theme     string     `json:"theme"`
	ThemeName string     `json:"theme_name"`
	Summary   string     `json:"summary,omitempty"`
	Keywords  []string   `json:"keywords" doc:"The strongest first"`
	Excerpts  int        `json:"excerpts"`
	Items     int        `json:"items"`
	Customers int        `json:"customers"`
	Sentiment float64    `json:"sentiment" doc:"Mean, -1 to 1"`
	Urgent    int        `json:"urgent" doc:"Excerpts that cannot wait"`
	ChurnRisk int        `json:"churn_risk" doc:"Excerpts whose writers speak of leaving"`
	FirstSeen time.Time  `json:"first_seen,omitzero"`
	LastSeen  time.Time  `json:"last_seen,omitzero"`
	Weekly    []weekBody `json:"weekly" doc:"Under today's clusters, oldest first"`
	Reported  []weekBody `json:"reported,omitempty" doc:"The same weeks as each was last reported, where that differs"`
	Link      *linkBody  `json:"link,omitempty"`
	OwnName   string     `json:"own_name,omitempty" doc:"What Earshot calls it, where a person named it"`
	Confirmed bool       `json:"confirmed,omitempty" doc:"By a person: runs continue it"`
	Hidden    bool       `json:"hidden,omitempty" doc:"By a person: left out of the list"`
}

type weekBody struct {
	Start time.Time `json:"start"`
	Items int       `json:"items"`
}

type linkBody struct {
	Feature       string             `json:"feature"`
	Name          string             `json:"name"`
	Path          []string           `json:"path"`
	Status        feedback.Status    `json:"status,omitempty"`
	State         feedback.LinkState `json:"state"`
	Score         float64            `json:"score" doc:"0 to 1"`
	RunnerUp      string             `json:"runner_up,omitempty"`
	RunnerUpScore float64            `json:"runner_up_score,omitempty"`
	Evidence      []string           `json:"evidence" doc:"Words that both share, the weightiest first"`
}

type hitBody struct {
	feedback.Hit
	Cluster string `json:"cluster,omitempty"`
}

func bodyOfList(list feedback.ClusterList) clustersBody {
	body := clustersBody{Items: list.Items, Copies: list.Copies, Excerpts: list.Excerpts, Unassigned: list.Unassigned, Outliers: list.Outliers, Pending: list.Pending,
		Clusters: make([]clusterBody, len(list.Clusters)), Hidden: make([]clusterBody, len(list.Hidden))}
	for i, view := range list.Hidden {
		body.Hidden[i] = bodyOfCluster(view)
	}
	for i, view := range list.Clusters {
		body.Clusters[i] = bodyOfCluster(view)
	}
	return body
}

func bodyOfCluster(v feedback.ClusterView) clusterBody {
	body := clusterBody{
		ID: v.Cluster.ID.String(), Name: v.Cluster.Name, Theme: v.Cluster.Theme.String(), ThemeName: v.Cluster.ThemeName,
		Summary: v.Cluster.Summary, Keywords: orEmpty(v.Cluster.Keywords), Excerpts: v.Cluster.Size,
		Items: v.Items, Customers: v.Customers, Sentiment: v.Sentiment, Urgent: v.Urgent, ChurnRisk: v.ChurnRisk,
		FirstSeen: v.FirstSeen, LastSeen: v.LastSeen, Weekly: bodiesOfWeeks(v.Weekly), Reported: bodiesOfWeeks(v.Reported),
		OwnName: v.Cluster.OwnName, Confirmed: v.Cluster.Confirmed, Hidden: v.Cluster.Hidden,
	}
	if l := v.Link; l != nil {
		body.Link = &linkBody{Feature: l.Feature, Name: l.Name, Path: orEmpty(l.Path), Status: l.Status, State: l.State,
			Score: l.Score, RunnerUp: l.RunnerUp, RunnerUpScore: l.RunnerUpScore, Evidence: orEmpty(l.Evidence)}
	}
	return body
}

func bodiesOfHits(hits []feedback.Hit) []hitBody {
	bodies := make([]hitBody, len(hits))
	for i, h := range hits {
		bodies[i] = hitBody{Hit: h}
		if h.Cluster != 0 {
			bodies[i].Cluster = h.Cluster.String()
		}
	}
	return bodies
}
