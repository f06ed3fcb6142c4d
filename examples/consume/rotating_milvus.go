// Package consume has a Milvus client for a rotated secret.
package consume

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/milvus-io/milvus/client/v2/milvusclient"
	"golang.org/x/sync/singleflight"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// How long a refused call waits, because a rotation takes seconds and proxies learn late.
const budget = 10 * time.Second

// RotatingMilvus is for any number of goroutines. If the cluster refuses the token, it reads the
// secret again and repeats the call, for up to ten seconds. The repetition is safe, because a
// cluster does not execute a call that it answers with Unauthenticated.
//
//	milvus := consume.NewRotatingMilvus("milvus/orders", secretsmanager.NewFromConfig(config))
//	err := milvus.Use(ctx, func(client *milvusclient.Client) error {
//		_, err := client.ListCollections(ctx, milvusclient.NewListCollectionOption())
//		return err
//	})
type RotatingMilvus struct {
	secretID       string
	secretsManager *secretsmanager.Client
	current        atomic.Pointer[connection]
	searches       singleflight.Group
	closing        context.Context
	endSearches    context.CancelFunc
}

type credential struct{ endpoint, token string }

type connection struct {
	*milvusclient.Client
	credential
}

func NewRotatingMilvus(secretID string, secretsManager *secretsmanager.Client) *RotatingMilvus {
	closing, endSearches := context.WithCancel(context.Background())
	return &RotatingMilvus{secretID: secretID, secretsManager: secretsManager, closing: closing, endSearches: endSearches}
}

// Use needs a context with a deadline: the SDK waits for an unreachable cluster until then.
func (r *RotatingMilvus) Use(ctx context.Context, call func(*milvusclient.Client) error) error {
	used := r.current.Load()
	var refusal, failure error
	if used != nil {
		if refusal = call(used.Client); !isRefusal(refusal) {
			return refusal
		}
	}
	// The budget begins at the refusal or, without a connection, now.
	waitCtx, cancel := context.WithTimeout(ctx, budget)
	defer cancel()
	for pause := time.Duration(0); ; pause = min(2*pause+250*time.Millisecond, 2*time.Second) {
		select {
		case <-waitCtx.Done():
			return errors.Join(refusal, failure, waitCtx.Err())
		case <-time.After(pause):
		}
		if r.current.Load() == used {
			// One search for all goroutines. It goes on if the context of one of them ends.
			search := r.searches.DoChan("", func() (any, error) { return nil, r.search() })
			select {
			case <-waitCtx.Done():
				return errors.Join(refusal, failure, waitCtx.Err())
			case result := <-search:
				// If Secrets Manager fails, it may answer again within the budget.
				failure = result.Err
			}
		}
		if used = r.current.Load(); used != nil {
			if refusal = call(used.Client); !isRefusal(refusal) {
				return refusal
			}
		}
	}
}

// Close ends the connection and the search. No call may run.
func (r *RotatingMilvus) Close(ctx context.Context) error {
	r.endSearches()
	if current := r.current.Swap(nil); current != nil {
		return current.Close(ctx)
	}
	return nil
}

// Connects with a version that the cluster accepts, if one differs from the credential in use.
func (r *RotatingMilvus) search() error {
	ctx, cancel := context.WithTimeout(r.closing, budget)
	defer cancel()
	current := r.current.Load()
	// A rotation changes the password of AWSPENDING on the cluster first, and moves AWSCURRENT later.
	for _, stage := range []string{"AWSCURRENT", "AWSPENDING"} {
		next, err := r.read(ctx, stage)
		if err != nil {
			return err
		}
		if next == nil || current != nil && *next == current.credential {
			continue
		}
		if err = r.connect(ctx, *next); !isRefusal(err) {
			return err
		}
	}
	return fmt.Errorf("the cluster refuses the versions AWSCURRENT and AWSPENDING of %s", r.secretID)
}

func (r *RotatingMilvus) connect(ctx context.Context, next credential) error {
	// APIKey is the whole token. Without DisableConn, New sends a request with the token, and leaves
	// the connection open if the cluster refuses it.
	config := milvusclient.ClientConfig{Address: next.endpoint, APIKey: next.token, DisableConn: true}
	client, err := milvusclient.New(ctx, &config)
	if err != nil {
		return err
	}
	if _, err = client.GetServerVersion(ctx, milvusclient.NewGetServerVersionOption()); err != nil {
		return errors.Join(err, client.Close(ctx))
	}
	if before := r.current.Swap(&connection{client, next}); before != nil {
		// Close cancels the calls of other goroutines, so it must be later than their deadlines.
		time.AfterFunc(time.Minute, func() { _ = before.Close(context.Background()) })
	}
	if r.closing.Err() != nil {
		// Close may have run before the new connection was in use.
		return errors.Join(r.closing.Err(), r.Close(ctx))
	}
	return nil
}

// Returns nil if no version has the label.
func (r *RotatingMilvus) read(ctx context.Context, stage string) (*credential, error) {
	answer, err := r.secretsManager.GetSecretValue(ctx,
		&secretsmanager.GetSecretValueInput{SecretId: &r.secretID, VersionStage: &stage})
	var notFound *types.ResourceNotFoundException
	if stage == "AWSPENDING" && errors.As(err, &notFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var secret struct{ Endpoint, Token, APIKey, Username, Password string }
	// The error of Unmarshal can contain a part of the secret, so it must not be passed on.
	if json.Unmarshal([]byte(aws.ToString(answer.SecretString)), &secret) != nil || secret.Endpoint == "" {
		return nil, fmt.Errorf("the secret %s is no JSON with endpoint and credential", r.secretID)
	}
	// The first rotation adds the token.
	token := cmp.Or(secret.Token, secret.APIKey, secret.Username+":"+secret.Password)
	return &credential{secret.Endpoint, token}, nil
}

// A gateway in front of the cluster uses the same code in other words.
func isRefusal(err error) bool {
	return status.Code(err) == codes.Unauthenticated && strings.Contains(err.Error(), "auth check failure")
}
