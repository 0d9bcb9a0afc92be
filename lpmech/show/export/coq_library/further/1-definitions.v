(* Mechanisms with finitely many types and outcomes, and further requirements: definitions, and two checkers proved sound.

   Part 1 says what a mechanism is and what may be asked of it; it is all that has to be read to believe a theorem below.
   Part 2 is proof: that the checkers, if they answer true, have shown what they claim.

   Agents, types and outcomes are numbered from 0; a profile of types is a list with a type for each agent. *)

From Coq Require Import QArith Qreduction List Lia Bool PeanoNat Setoid Lqa.
Import ListNotations.
Open Scope Q_scope.

(* ---- Part 1: definitions ------------------------------------------------------------------------------------------- *)

Definition total {A} (f : A -> Q) (l : list A) : Q := fold_right (fun a s => f a + s) 0 l.

Fixpoint replace {A} (l : list A) (i : nat) (x : A) : list A :=
  match l, i with [], _ => [] | _ :: r, O => x :: r | a :: r, S j => a :: replace r j x end.

Fixpoint without {A} (i : nat) (l : list A) : list A :=
  match l, i with [], _ => [] | _ :: r, O => r | a :: r, S j => a :: without j r end.

Fixpoint cartesian (choices : list (list nat)) : list (list nat) :=
  match choices with [] => [[]] | c :: r => flat_map (fun k => map (cons k) (cartesian r)) c end.

(* Numbers by profile (and outcome), nested: a row for each type of the first agent, and so on. *)
Inductive table := Leaf (x : Q) | Rows (rows : list table).

Fixpoint lookup (place : list nat) (t : table) : Q :=
  match place, t with
  | [], Leaf x => x
  | k :: rest, Rows rows => lookup rest (nth k rows (Leaf 0))
  | _, _ => 0
  end.

(* Integers over a common denominator. *)
Definition over (d : positive) (l : list Z) : list Q := map (fun n => n # d) l.
Definition row_of (d : positive) (l : list Z) : table := Rows (map Leaf (over d l)).

(* One agent: probability of each type; value of each outcome, and outside option, at each profile of true types. *)
Record agent := { masses : list Q; values : table; outside : table }.

(* With a joint prior the agents' own masses count for nothing. Where shares are free, each agent's outside option is his
   share of the one in the table, and the mechanism names the shares. *)
Record environment := { agents : list agent; costs : list Q; prior : option table; free_shares : bool }.

Definition nobody : agent := {| masses := []; values := Leaf 0; outside := Leaf 0 |}.

(* c . t + c . u + c . q + c revenue + constant; numbers by agent, by agent, by outcome. *)
Record linear := {
  on_payments : list Q; on_utilities : list Q; on_outcomes : list Q; on_revenue : Q; constant : Q }.

Inductive comparison := AtLeast | AtMost | Equal.
Definition compares (c : comparison) (x bound : Q) : Prop :=
  match c with AtLeast => bound <= x | AtMost => x <= bound | Equal => x == bound end.

(* Which reports incentives speak of. *)
Inductive deviations := AllReports | Downward | Upward | Adjacent.
Definition allowed (d : deviations) (k r : nat) : bool :=
  match d with
  | AllReports => true
  | Downward => Nat.ltb r k
  | Upward => Nat.ltb k r
  | Adjacent => Nat.eqb r (S k) || Nat.eqb k (S r)
  end.

(* What may be asked; i is an agent. Its meaning is "meets" below. *)
Inductive requirement :=
| DSIC (i : nat) (d : deviations) | BIC (i : nat) (d : deviations) | ExPostIC (i : nat) (d : deviations)
| ExPostIR (i : nat) | InterimIR (i : nat) | ExAnteIR (i : nat)
| NoDeficit (floor : Q) | Balanced (floor : Q) | NoExpectedDeficit (floor : Q)
| PaymentAtLeast (i : nat) (bound : Q) | PaymentAtMost (i : nat) (bound : Q) | NoPayments (i : nat)
| AtProfiles (f : linear) (within : option (list (list nat))) (c : comparison) (bound : Q)
| InExpectation (f : linear) (within : option (list (list nat))) (c : comparison) (bound : Q)
| GivenType (i : nat) (f : linear) (within : option (list (list nat))) (c : comparison) (bound : Q)
| NoLotteries.

Definition mem (k : nat) (l : list nat) : bool := existsb (Nat.eqb k) l.
Fixpoint members (theta : list nat) (ls : list (list nat)) : bool :=
  match theta, ls with [], [] => true | k :: r, l :: s => mem k l && members r s | _, _ => false end.

(* Whether a requirement speaks of a profile, or of a type of agent i. *)
Definition speaks_at (within : option (list (list nat))) (theta : list nat) : bool :=
  match within with None => true | Some sets => members theta sets end.
Definition speaks_of (within : option (list (list nat))) (i k : nat) : bool :=
  match within with None => true | Some sets => mem k (nth i sets []) end.

Section Definitions.
Variable e : environment.

Definition person (i : nat) : agent := nth i (agents e) nobody.
Definition everyone : list nat := seq 0 (length (agents e)).
Definition types (i : nat) : list nat := seq 0 (length (masses (person i))).
Definition outcomes : list nat := seq 0 (length (costs e)).
Definition profiles : list (list nat) := cartesian (map types everyone).
Definition own (i : nat) (theta : list nat) : nat := nth i theta O.
Definition value (i : nat) (theta : list nat) (x : nat) : Q := lookup (theta ++ [x]) (values (person i)).
Definition cost (x : nat) : Q := nth x (costs e) 0.
Definition mass_of (i k : nat) : Q := nth k (masses (person i)) 0.

(* Probability of a profile. *)
Definition mass (theta : list nat) : Q :=
  match prior e with
  | Some p => lookup theta p
  | None => fold_right (fun j m => mass_of j (own j theta) * m) 1 everyone
  end.

(* Probability of the others' types, given agent i's own. With a joint prior it is multiplied by the probability of the
   own type: then every statement about a type is multiplied by its probability, and empty for a type of probability 0. *)
Definition belief (i : nat) (theta : list nat) : Q :=
  match prior e with
  | Some p => lookup theta p
  | None => fold_right (fun j m => if Nat.eqb i j then m else mass_of j (own j theta) * m) 1 everyone
  end.

(* Profiles in which agent i is of type k. *)
Definition against (i k : nat) : list (list nat) := cartesian (replace (map types everyone) i [k]).

Definition expected (f : list nat -> Q) : Q := total (fun theta => mass theta * f theta) profiles.
Definition interim (i k : nat) (f : list nat -> Q) : Q := total (fun theta => belief i theta * f theta) (against i k).

(* A mechanism: t i theta, money paid by agent i, and q theta x, the probability of outcome x, when theta is reported; and
   s i, the share of agent i, which counts where shares are free. *)
Section Mechanism.
Variable t : nat -> list nat -> Q.
Variable q : list nat -> nat -> Q.
Variable s : nat -> Q.

(* True types are theta, reports are told. *)
Definition worth (i : nat) (theta told : list nat) : Q := total (fun x => value i theta x * q told x) outcomes.
Definition spent (theta : list nat) : Q := total (fun x => cost x * q theta x) outcomes.
Definition utility (i : nat) (theta told : list nat) : Q := worth i theta told - t i told.

(* What agent i, true types being theta, gains by the reports told over those with his report r. *)
Definition gain (i : nat) (theta told : list nat) (r : nat) : Q := utility i theta told - utility i theta (replace told i r).

Definition left (i : nat) (theta : list nat) : Q :=
  let all := lookup theta (outside (person i)) in if free_shares e then s i * all else all.
Definition net (i : nat) (theta : list nat) : Q := utility i theta theta - left i theta.

Definition revenue (theta : list nat) : Q := total (fun i => t i theta) everyone - spent theta.

Definition form (f : linear) (theta : list nat) : Q :=
  total (fun i => nth i (on_payments f) 0 * t i theta) everyone
  + total (fun i => nth i (on_utilities f) 0 * utility i theta theta) everyone
  + total (fun x => nth x (on_outcomes f) 0 * q theta x) outcomes
  + on_revenue f * revenue theta
  + constant f.

Definition meets (c : requirement) : Prop :=
  match c with
  | DSIC i d => forall theta told r, In theta profiles -> In told profiles -> In r (types i) ->
      allowed d (own i theta) r = true -> 0 <= gain i theta (replace told i (own i theta)) r
  | ExPostIC i d => forall theta r, In theta profiles -> In r (types i) ->
      allowed d (own i theta) r = true -> 0 <= gain i theta theta r
  | BIC i d => forall k r, In k (types i) -> In r (types i) ->
      allowed d k r = true -> 0 <= interim i k (fun theta => gain i theta theta r)
  | ExPostIR i => forall theta, In theta profiles -> 0 <= net i theta
  | InterimIR i => forall k, In k (types i) -> 0 <= interim i k (net i)
  | ExAnteIR i => 0 <= expected (net i)
  | NoDeficit floor => forall theta, In theta profiles -> floor <= revenue theta
  | Balanced floor => forall theta, In theta profiles -> revenue theta == floor
  | NoExpectedDeficit floor => floor <= expected revenue
  | PaymentAtLeast i bound => forall theta, In theta profiles -> bound <= t i theta
  | PaymentAtMost i bound => forall theta, In theta profiles -> t i theta <= bound
  | NoPayments i => forall theta, In theta profiles -> t i theta == 0
  | AtProfiles f within c bound => forall theta, In theta profiles ->
      speaks_at within theta = true -> compares c (form f theta) bound
  | InExpectation f within c bound =>
      compares c (expected (fun theta => if speaks_at within theta then form f theta else 0)) bound
  | GivenType i f within c bound => forall k, In k (types i) ->
      speaks_of within i k = true -> compares c (interim i k (fun theta => form f theta - bound)) 0
  | NoLotteries => forall theta, In theta profiles -> exists x, In x outcomes /\ q theta x == 1
  end.
End Mechanism.

Inductive allocation := EfficientAny | EfficientFirst | EfficientLast | EfficientUniform | Free | Given (lotteries : table).
Inductive transfers := AnyTransfers | Groves.

(* Outcomes of largest surplus. *)
Definition surplus (theta : list nat) (x : nat) : Q := total (fun i => value i theta x) everyone - cost x.
Definition best (theta : list nat) : list nat :=
  filter (fun x => forallb (fun y => Qle_bool (surplus theta y) (surplus theta x)) outcomes) outcomes.

(* The lottery at theta where it is prescribed, and the outcomes it may use where it is not. *)
Definition prescribed (rule : allocation) (theta : list nat) : option (nat -> Q) :=
  match rule with
  | EfficientFirst => let y := hd O (best theta) in Some (fun x => if Nat.eqb x y then 1 else 0)
  | EfficientLast => let y := last (best theta) O in Some (fun x => if Nat.eqb x y then 1 else 0)
  | EfficientUniform =>
      let b := best theta in Some (fun x => if existsb (Nat.eqb x) b then 1 # Pos.of_nat (length b) else 0)
  | Given lotteries => Some (fun x => lookup (theta ++ [x]) lotteries)
  | EfficientAny | Free => None
  end.
Definition choices (rule : allocation) (theta : list nat) : list nat :=
  match rule with Free => outcomes | _ => best theta end.

Definition distribution {A} (p : A -> Q) (l : list A) : Prop := (forall a, In a l -> 0 <= p a) /\ total p l == 1.

Definition allocates (rule : allocation) (q : list nat -> nat -> Q) : Prop :=
  forall theta, In theta profiles ->
  match prescribed rule theta with
  | Some f => forall x, In x outcomes -> q theta x == f x
  | None =>
      distribution (q theta) outcomes
      /\ forall x, In x outcomes -> ~ In x (choices rule theta) -> q theta x == 0
  end.

(* Payments: any at all, or Groves payments with charges h i (theta without theta_i); these are for private values. *)
Definition others_surplus (q : list nat -> nat -> Q) (i : nat) (theta : list nat) : Q :=
  total (fun j => if Nat.eqb i j then 0 else worth q j theta theta) everyone - spent q theta.
Definition payments (class : transfers) (q : list nat -> nat -> Q) (h : nat -> list nat -> Q) : nat -> list nat -> Q :=
  match class with
  | AnyTransfers => h
  | Groves => fun i theta => h i (without i theta) - others_surplus q i theta
  end.

Record requirements := { asked : list requirement; rule : allocation; class : transfers }.

Definition satisfies (r : requirements) t q s : Prop :=
  (forall c, In c (asked r) -> meets t q s c)
  /\ allocates (rule r) q
  /\ (free_shares e = true -> distribution s everyone).

Definition mechanism_exists (r : requirements) : Prop :=
  exists (h : nat -> list nat -> Q) (q : list nat -> nat -> Q) (s : nat -> Q), satisfies r (payments (class r) q h) q s.

(* The numbers above are a question of this kind: tables have the sizes they should, probabilities are probabilities,
   requirements speak of agents, types and outcomes that there are, and values are private where payments are Groves'. *)
Fixpoint shaped (sizes : list nat) (t : table) : bool :=
  match sizes, t with
  | [], Leaf _ => true
  | n :: rest, Rows rows => Nat.eqb (length rows) n && forallb (shaped rest) rows
  | _, _ => false
  end.
Definition sizes : list nat := map (fun i => length (types i)) everyone.

Definition sets_fit (within : option (list (list nat))) : bool :=
  match within with
  | None => true
  | Some sets =>
      Nat.eqb (length sets) (length everyone)
      && forallb (fun i => forallb (fun k => mem k (types i)) (nth i sets [])) everyone
  end.
Definition form_fits (f : linear) : bool :=
  Nat.eqb (length (on_payments f)) (length everyone)
  && (Nat.eqb (length (on_utilities f)) (length everyone) && Nat.eqb (length (on_outcomes f)) (length outcomes)).
Definition speaks_sense (c : requirement) : bool :=
  match c with
  | DSIC i _ | BIC i _ | ExPostIC i _ | ExPostIR i | InterimIR i | ExAnteIR i => mem i everyone
  | PaymentAtLeast i _ | PaymentAtMost i _ | NoPayments i => mem i everyone
  | NoDeficit _ | Balanced _ | NoExpectedDeficit _ | NoLotteries => true
  | AtProfiles f within _ _ | InExpectation f within _ _ => form_fits f && sets_fit within
  | GivenType i f within _ _ => mem i everyone && (form_fits f && sets_fit within)
  end.

Definition private (i : nat) : Prop :=
  forall theta told x, In theta profiles -> In told profiles -> own i theta = own i told -> In x outcomes ->
  value i theta x == value i told x.

Definition well_posed (r : requirements) : Prop :=
  (forall i, In i everyone ->
     shaped (sizes ++ [length outcomes]) (values (person i)) = true /\ shaped sizes (outside (person i)) = true)
  /\ match prior e with
     | Some p => shaped sizes p = true /\ distribution mass profiles
     | None => forall i, In i everyone -> distribution (mass_of i) (types i)
     end
  /\ (forall c, In c (asked r) -> speaks_sense c = true)
  /\ (class r = Groves -> forall i, In i everyone -> private i)
  /\ match rule r with
     | Given lotteries =>
         shaped (sizes ++ [length outcomes]) lotteries = true
         /\ forall theta, In theta profiles -> distribution (fun x => lookup (theta ++ [x]) lotteries) outcomes
     | _ => True
     end.

End Definitions.
