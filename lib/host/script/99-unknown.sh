# --- anything else -------------------------------------------------------------------------------------

answer "failed host script_failed" "detail64=dW5rbm93biB2ZXJi"
