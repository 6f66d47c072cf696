/** Clipping, encoding and noise, accountants and the privacy ledger, on the JDK alone. */
module dev.tributary.privacy {
  requires static org.jspecify;

  exports dev.tributary.privacy;
  exports dev.tributary.privacy.correlated;
  exports dev.tributary.privacy.insecure;
}
