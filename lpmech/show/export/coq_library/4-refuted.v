(* ---- Part 2: weights on constraints that contradict each other ---------------------------------------------------------- *)

(* Coefficients by name: a name is a list of numbers, kept in a binary tree along its unary digits. *)
Inductive tree := Empty | Node (zero : tree) (c : Q) (one : tree).

Fixpoint digits (k : nat) (rest : positive) : positive := match k with O => xO rest | S j => xI (digits j rest) end.
Fixpoint path (name : list nat) : positive := match name with [] => xH | k :: r => digits k (path r) end.
Fixpoint name_at (k : nat) (p : positive) : list nat :=
  match p with xH => [] | xI p => name_at (S k) p | xO p => k :: name_at O p end.

Lemma name_at_digits k n p : name_at n (digits k p) = (n + k)%nat :: name_at O p.
Proof. revert n; induction k as [|k IH]; intros n; cbn; [now rewrite Nat.add_0_r|]. rewrite IH. f_equal. lia. Qed.
Lemma name_at_path l : name_at O (path l) = l.
Proof. induction l as [|k l IH]; cbn; [reflexivity|]. now rewrite name_at_digits, IH. Qed.

Fixpoint put (p : positive) (c : Q) (m : tree) : tree :=
  match p, m with
  | xH, Empty => Node Empty c Empty
  | xH, Node a d b => Node a (plus d c) b
  | xO p, Empty => Node (put p c Empty) 0 Empty
  | xO p, Node a d b => Node (put p c a) d b
  | xI p, Empty => Node Empty 0 (put p c Empty)
  | xI p, Node a d b => Node a d (put p c b)
  end.
Fixpoint get (p : positive) (m : tree) : Q :=
  match p, m with
  | _, Empty => 0
  | xH, Node _ d _ => d
  | xO p, Node a _ _ => get p a
  | xI p, Node _ _ b => get p b
  end.
Fixpoint vanishes (m : tree) : bool :=
  match m with Empty => true | Node a d b => is_zero d && vanishes a && vanishes b end.

Fixpoint at_ (f : positive -> Q) (m : tree) : Q :=
  match m with Empty => 0 | Node a d b => at_ (fun p => f (xO p)) a + d * f xH + at_ (fun p => f (xI p)) b end.

Lemma put_ok p c : forall f m, at_ f (put p c m) == at_ f m + c * f p.
Proof.
  induction p as [p IH|p IH|]; intros f [|a d b]; cbn; rewrite ?IH, ?plus_ok; cbn; ring.
Qed.
Lemma vanishes_ok m : vanishes m = true -> forall f, at_ f m == 0.
Proof.
  induction m as [|a IHa d b IHb]; intros H f; cbn; [reflexivity|].
  cbn in H. apply andb_prop in H as [H Hb]. apply andb_prop in H as [Hd Ha].
  rewrite IHa, IHb by assumption. rewrite (is_zero_ok d Hd). ring.
Qed.

Record form := { pays : tree; chances : tree; constant : Q }.

Fixpoint collect (w : Q) (a : expr) (s : form) : form :=
  match a with
  | Pay i theta => {| pays := put (path (i :: theta)) w (pays s); chances := chances s; constant := constant s |}
  | Chance theta x => {| pays := pays s; chances := put (path (x :: theta)) w (chances s); constant := constant s |}
  | Const c => {| pays := pays s; chances := chances s; constant := plus (constant s) (times w c) |}
  | Times c a => match Qnum c with Z0 => s | _ => collect (times w c) a s end
  | Plus a b => collect w b (collect w a s)
  end.

Section Value.
Variable h : nat -> list nat -> Q.
Variable q : list nat -> nat -> Q.

Definition pay_at (p : positive) : Q := match name_at O p with i :: theta => h i theta | [] => 0 end.
Definition chance_at (p : positive) : Q := match name_at O p with x :: theta => q theta x | [] => 0 end.
Definition value_of (s : form) : Q := at_ pay_at (pays s) + at_ chance_at (chances s) + constant s.

Lemma pay_at_path i theta : pay_at (path (i :: theta)) = h i theta.
Proof. unfold pay_at. now rewrite name_at_path. Qed.
Lemma chance_at_path x theta : chance_at (path (x :: theta)) = q theta x.
Proof. unfold chance_at. now rewrite name_at_path. Qed.

Lemma collect_ok a : forall w s, value_of (collect w a s) == value_of s + w * eval h q a.
Proof.
  unfold value_of. induction a as [i theta|theta x|c|c a IH|a IHa b IHb]; intros w s; cbn [collect eval].
  - cbn [pays chances constant]. rewrite put_ok, pay_at_path. ring.
  - cbn [pays chances constant]. rewrite put_ok, chance_at_path. ring.
  - cbn [pays chances constant]. rewrite plus_ok, times_ok. ring.
  - assert (E : Qnum c = 0%Z -> c == 0) by (intros K; apply is_zero_ok; unfold is_zero; now rewrite K).
    destruct (Qnum c) eqn:K; [rewrite (E eq_refl); ring| |]; rewrite IH, times_ok; ring.
  - rewrite IHb, IHa. ring.
Qed.
End Value.

Section Contradiction.
Variable e : environment.
Variable r : requirements.

Definition imposed (c : constraint) : bool :=
  match c with
  | Dsic i theta k => match ic r with DSIC => mem i (everyone e) && (members theta (map (types e) (everyone e)) && mem k (types e i)) | _ => false end
  | Bic i k k' => match ic r with BIC => mem i (everyone e) && (mem k (types e i) && mem k' (types e i)) | _ => false end
  | IrExPost i theta => match ir r with ExPost => mem i (everyone e) && members theta (map (types e) (everyone e)) | _ => false end
  | IrInterim i k => match ir r with Interim => mem i (everyone e) && mem k (types e i) | _ => false end
  | IrExAnte i => match ir r with ExAnte => mem i (everyone e) | _ => false end
  | BudgetAt theta => match bb r with NoDeficit | Balanced => members theta (map (types e) (everyone e)) | _ => false end
  | BudgetExpected => match bb r with NoExpectedDeficit => true | _ => false end
  end.
Definition equality (c : constraint) : bool :=
  match c with BudgetAt _ => match bb r with Balanced => true | _ => false end | _ => false end.

Definition weighted := (Q * constraint)%type.
Definition fair (wc : weighted) : bool := imposed (snd wc) && (equality (snd wc) || is_nonnegative (fst wc)).

Definition nothing : form := {| pays := Empty; chances := Empty; constant := 0 |}.
Definition combination (l : list weighted) : form :=
  fold_right (fun wc s => collect (fst wc) (row e r (snd wc)) s) nothing l.

(* The most that the coefficients c can contribute at theta, checked. *)
Definition most (c : nat -> Q) (theta : list nat) : Q :=
  match prescribed e (rule r) theta with
  | Some f => fold_right (fun x s => plus (times (c x) (f x)) s) 0 (outcomes e)
  | None => match choices e (rule r) theta with
            | [] => 0
            | x :: l => fold_right (fun y m => if Qle_bool (c y) m then m else c y) (c x) l
            end
  end.
Definition is_most (c : nat -> Q) (theta : list nat) (m : Q) : bool :=
  match prescribed e (rule r) theta with
  | Some f => Qeq_bool (fold_right (fun x s => plus (times (c x) (f x)) s) 0 (outcomes e)) m
  | None => forallb (fun x => Qle_bool (c x) m) (choices e (rule r) theta)
  end.
Definition coefficient (s : form) (theta : list nat) (x : nat) : Q := get (path (x :: theta)) (chances s).

Definition check_weights (l : list weighted) : bool :=
  forallb fair l
  && (let s := combination l in
      vanishes (pays s)
      && vanishes (fold_right (fun theta m => fold_right (fun x m => put (path (x :: theta)) (- coefficient s theta x) m) m
                                                (outcomes e)) (chances s) (profiles e))
      && forallb (fun theta => is_most (coefficient s theta) theta (most (coefficient s theta) theta)) (profiles e)
      && negb (is_nonnegative (fold_right (fun theta b => plus (most (coefficient s theta) theta) b) (constant s) (profiles e)))).

Variable h : nat -> list nat -> Q.
Variable q : list nat -> nat -> Q.
Let t := payments e (class r) q h.
Hypothesis good : satisfies e r t q.

Lemma imposed_ok c : imposed c = true -> if equality c then meaning e r h q c == 0 else 0 <= meaning e r h q c.
Proof.
  destruct good as (HI & HP & HB & _). unfold incentive_compatible, individually_rational, within_budget in *.
  destruct c; cbn [imposed equality meaning]; fold t; intros H.
  - destruct (ic r); try discriminate. apply andb_prop in H as [H K]. apply andb_prop in K as [K L].
    apply HI; first [now apply mem_ok | now apply members_ok].
  - destruct (ic r); try discriminate. apply andb_prop in H as [H K]. apply andb_prop in K as [K L].
    apply HI; now apply mem_ok.
  - destruct (ir r); try discriminate. apply andb_prop in H as [H K]. apply HP; first [now apply mem_ok | now apply members_ok].
  - destruct (ir r); try discriminate. apply andb_prop in H as [H K]. apply HP; now apply mem_ok.
  - destruct (ir r); try discriminate. apply HP; now apply mem_ok.
  - destruct (bb r); try discriminate; apply HB; now apply members_ok.
  - destruct (bb r); try discriminate. exact HB.
Qed.

Lemma combination_ok l : forallb fair l = true -> 0 <= value_of h q (combination l).
Proof.
  induction l as [|[w c] l IH]; intros H; cbn [combination fold_right].
  - unfold value_of; cbn. lra.
  - cbn in H. apply andb_prop in H as [H K]. specialize (IH K). unfold fair in H. cbn in H. cbn [fst snd].
    apply andb_prop in H as [H W]. apply imposed_ok in H.
    rewrite collect_ok, row_ok. fold (combination l). destruct (equality c).
    + rewrite H. lra.
    + apply is_nonnegative_ok in W. pose proof (Qmult_le_0_compat _ _ W H). lra.
Qed.

Lemma put_all f (c : list nat -> nat -> Q) theta xs m :
  at_ f (fold_right (fun x m => put (path (x :: theta)) (- c theta x) m) m xs)
  == at_ f m - total (fun x => c theta x * f (path (x :: theta))) xs.
Proof. induction xs as [|x xs IH]; cbn [fold_right total]; [ring|]. rewrite put_ok, IH. unfold total. ring. Qed.

Lemma put_everywhere f c thetas m :
  at_ f (fold_right (fun theta m => fold_right (fun x m => put (path (x :: theta)) (- c theta x) m) m (outcomes e)) m thetas)
  == at_ f m - total (fun theta => total (fun x => c theta x * f (path (x :: theta))) (outcomes e)) thetas.
Proof.
  induction thetas as [|theta thetas IH]; cbn [fold_right]; [cbn; ring|].
  rewrite put_all, IH. cbn [total fold_right]. unfold total. ring.
Qed.

Lemma total_le {A} (f g : A -> Q) l : (forall a, In a l -> f a <= g a) -> total f l <= total g l.
Proof.
  induction l as [|a l IH]; intros H; cbn; [lra|].
  apply Qplus_le_compat; [apply H; now left|]. apply IH. intros b Hb. apply H. now right.
Qed.
Lemma total_times (m : Q) (f : nat -> Q) l : total (fun x => m * f x) l == m * total f l.
Proof. induction l as [|x l IH]; cbn; [ring|]. unfold total in *. rewrite IH. ring. Qed.
Lemma total_plus_times (f g : nat -> Q) l :
  fold_right (fun x s => plus (times (f x) (g x)) s) 0 l == total (fun x => f x * g x) l.
Proof. induction l as [|x l IH]; cbn; [reflexivity|]. now rewrite plus_ok, times_ok, IH. Qed.
Lemma total_plus_from {A} (f : A -> Q) b l : fold_right (fun x s => plus (f x) s) b l == total f l + b.
Proof. induction l as [|x l IH]; cbn; [ring|]. rewrite plus_ok, IH. unfold total. ring. Qed.

Lemma is_most_ok c theta m :
  In theta (profiles e) -> is_most c theta m = true -> total (fun x => c x * q theta x) (outcomes e) <= m.
Proof.
  intros Ht H. destruct good as (_ & _ & _ & HQ). specialize (HQ theta Ht). unfold is_most in H.
  destruct (prescribed e (rule r) theta) as [f|].
  - apply Qeq_bool_iff in H. rewrite total_plus_times in H. rewrite <- H.
    rewrite (total_ext _ (fun x => c x * f x)); [apply Qle_refl|]. intros x Hx. now rewrite (HQ x Hx).
  - destruct HQ as (HN & HS & HZ). setoid_replace m with (m * 1) by ring. rewrite <- HS, <- total_times.
    apply total_le. intros x Hx. destruct (mem x (choices e (rule r) theta)) eqn:E.
    + apply mem_ok in E. rewrite forallb_forall in H. specialize (H x E). apply Qle_bool_iff in H.
      apply Qmult_le_compat_r; [assumption|now apply HN].
    + apply mem_not in E. rewrite (HZ x Hx E). rewrite !Qmult_0_r. apply Qle_refl.
Qed.

Lemma contradiction l : check_weights l = true -> False.
Proof.
  unfold check_weights. intros H. apply andb_prop in H as [HF H]. set (s := combination l) in *. cbn zeta in H.
  apply andb_prop in H as [H HB]. apply andb_prop in H as [H HM]. apply andb_prop in H as [HP HC].
  pose proof (combination_ok l HF) as HV. fold s in HV. unfold value_of in HV.
  rewrite (vanishes_ok _ HP) in HV.
  pose proof (vanishes_ok _ HC (chance_at q)) as K. rewrite put_everywhere in K.
  assert (B : total (fun theta => total (fun x => coefficient s theta x * chance_at q (path (x :: theta))) (outcomes e)) (profiles e)
              <= total (fun theta => most (coefficient s theta) theta) (profiles e)).
  { apply total_le. intros theta Ht.
    rewrite (total_ext _ (fun x => coefficient s theta x * q theta x));
      [|intros x _; now rewrite chance_at_path].
    apply is_most_ok; [assumption|]. rewrite forallb_forall in HM. now apply HM. }
  set (b := fold_right _ (constant s) (profiles e)) in HB.
  assert (E : b == total (fun theta => most (coefficient s theta) theta) (profiles e) + constant s)
    by apply total_plus_from.
  assert (N : b < 0).
  { destruct b as [[|n|n] d]; cbn in HB; try discriminate. unfold Qlt; cbn; lia. }
  rewrite E in N. lra.
Qed.
End Contradiction.

Theorem refuted (e : environment) (r : requirements) (l : list weighted) :
  check_weights e r l = true -> ~ mechanism_exists e r.
Proof. intros H (h & q & G). exact (contradiction e r h q G l H). Qed.

(* Weights over a common denominator. *)
Definition weights (d : positive) (l : list (Z * constraint)) : list weighted := map (fun wc => (fst wc # d, snd wc)) l.
