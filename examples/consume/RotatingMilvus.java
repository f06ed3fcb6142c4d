import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.grpc.Status;
import io.milvus.v2.client.ConnectConfig;
import io.milvus.v2.client.MilvusClientV2;
import java.util.Optional;
import java.util.function.Function;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.model.ResourceNotFoundException;

/**
 * A Milvus client for a rotated secret, for any number of threads. If the cluster refuses the
 * token, the client reads the secret again and repeats the call. The repetition is safe, because a
 * cluster does not execute a call that it answers with UNAUTHENTICATED.
 *
 * <pre>{@code
 * RotatingMilvus milvus = new RotatingMilvus("milvus/orders");
 * milvus.use(client -> client.listCollections());
 * }</pre>
 */
public final class RotatingMilvus {
    private final SecretsManagerClient secretsManager = SecretsManagerClient.create();
    private final String secretId;
    private MilvusClientV2 client;
    private MilvusClientV2 replaced;
    private String token;

    public RotatingMilvus(String secretId) {
        this.secretId = secretId;
    }

    public <T> T use(Function<MilvusClientV2, T> call) {
        MilvusClientV2 first = otherThan(null);
        try {
            return call.apply(first);
        } catch (RuntimeException error) {
            if (!isRefusal(error)) {
                throw error;
            }
        }
        return call.apply(otherThan(first));
    }

    private synchronized MilvusClientV2 otherThan(MilvusClientV2 refused) {
        // Another thread may have replaced the refused client meanwhile.
        if (client == refused) {
            MilvusClientV2 next = connect();
            // Other threads may still use the refused client, but not the client before it.
            if (replaced != null) {
                replaced.close();
            }
            replaced = client;
            client = next;
        }
        return client;
    }

    private MilvusClientV2 connect() {
        // A rotation changes the password of AWSPENDING on the cluster first, and moves AWSCURRENT
        // later. The last attempt waits for its end.
        String[] stages = {"AWSCURRENT", "AWSPENDING", "AWSCURRENT"};
        for (int attempt = 0; attempt < stages.length; attempt++) {
            if (attempt == 2) {
                pause();
            }
            JsonObject secret = read(stages[attempt]).orElse(null);
            if (secret == null || secret.get("token").getAsString().equals(token)) {
                continue;
            }
            String candidate = secret.get("token").getAsString();
            ConnectConfig config = ConnectConfig.builder()
                .uri(secret.get("endpoint").getAsString())
                .token(candidate)
                .build();
            try {
                MilvusClientV2 next = new MilvusClientV2(config);
                token = candidate;
                return next;
            } catch (RuntimeException error) {
                if (!isRefusal(error)) {
                    throw error;
                }
            }
        }
        throw new IllegalStateException(
            "The cluster refuses the versions AWSCURRENT and AWSPENDING of " + secretId + ".");
    }

    private Optional<JsonObject> read(String stage) {
        try {
            String value = secretsManager
                .getSecretValue(request -> request.secretId(secretId).versionStage(stage))
                .secretString();
            return Optional.of(JsonParser.parseString(value).getAsJsonObject());
        } catch (ResourceNotFoundException error) {
            if (stage.equals("AWSCURRENT")) {
                throw error;
            }
            return Optional.empty();
        } catch (IllegalStateException error) {
            // Do not pass its message on: for a value that is not JSON, the message contains the secret.
            throw new IllegalStateException("The secret " + secretId + " is not JSON.");
        }
    }

    private static void pause() {
        try {
            Thread.sleep(1000);
        } catch (InterruptedException error) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean isRefusal(RuntimeException error) {
        // The constructor throws the error of gRPC itself, and a call throws it as a cause.
        return Status.fromThrowable(error).getCode() == Status.Code.UNAUTHENTICATED;
    }
}
