import java.util.Scanner;

/** The driver of examples/consume/RotatingMilvus.java. See test/conformance/driver.ts. */
public final class Driver {
    public static void main(String[] args) {
        String caFile = System.getenv("CA_FILE");
        Scanner lines = new Scanner(System.in);
        RotatingMilvus milvus = new RotatingMilvus(System.getenv("SECRET_ID"), options -> {
            // A busy machine needs long to load the classes of the first connection.
            options.connectTimeoutMs(60_000);
            if (caFile != null) {
                // Without a name, the SDK fails. The certificate is for this name.
                options.serverPemPath(caFile).serverName("localhost");
            }
        });
        System.out.println("ready");
        while (lines.hasNextLine()) {
            String[] words = lines.nextLine().split(" ");
            if (words[0].equals("close")) {
                milvus.close();
                continue;
            }
            if (words[0].equals("stop")) {
                break;
            }
            for (int started = 0; started < Integer.parseInt(words[1]); started++) {
                new Thread(() -> System.out.println(outcomeOf(milvus))).start();
            }
        }
        milvus.close();
        System.exit(0);
    }

    private static String outcomeOf(RotatingMilvus milvus) {
        try {
            milvus.use(client -> client.listCollections());
            return "ok";
        } catch (RuntimeException error) {
            error.printStackTrace();
            String text = error.toString();
            if (text.contains("auth check failure") || text.contains("The cluster refuses")) {
                return "failed refused";
            }
            boolean isAws = error.getClass().getName().startsWith("software.amazon");
            return isAws || text.matches("(?s).*(UNAVAILABLE|DEADLINE_EXCEEDED|Retry timeout).*")
                ? "failed unavailable"
                : "failed other";
        }
    }
}
