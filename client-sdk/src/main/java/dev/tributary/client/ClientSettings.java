package dev.tributary.client;

import dev.tributary.secagg.SumSuite;
import dev.tributary.secagg.TrustAnchors;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What a builder was told, checked. */
record ClientSettings(
    URI coordinator,
    TrustAnchors trust,
    Path state,
    Trainer trainer,
    Policy policy,
    Eligibility eligibility,
    Enrolment enrolment,
    ClientListener listener,
    @Nullable Duration giveUpAfter,
    double trainingShare,
    @Nullable String coordinatorKey,
    @Nullable String job,
    Function<String, @Nullable SumSuite> suites,
    Clock clock,
    Pause pause,
    SecureRandom random,
    RoundDraws draws) {}
