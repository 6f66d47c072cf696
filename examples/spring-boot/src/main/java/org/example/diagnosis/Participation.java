package org.example.diagnosis;

import java.net.URI;
import java.nio.file.Path;
import org.springframework.boot.context.properties.ConfigurationProperties;

/** What the operator of this application says about the training, under {@code tributary}. */
@ConfigurationProperties("tributary")
public record Participation(
    URI coordinator, Path authority, Path certificate, Path state, Path rows, String label) {}
